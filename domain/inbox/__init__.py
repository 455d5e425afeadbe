"""What WeCom told us: stored first, answered, handled later."""
