"""The demo community: invented people, a real workbook, the product's main job from end to end."""
