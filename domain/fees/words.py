"""How fee items are said: what amounts come from, when they are billed, how they are shared."""

from domain.fees.model import FeeBasis, FeeTiming, ShareBy, TierPeriod

BASIS_NAMES = {
    FeeBasis.BUILT_AREA: "按建筑面积",
    FeeBasis.INDOOR_AREA: "按套内面积",
    FeeBasis.FIXED: "固定金额",
    FeeBasis.METERED: "抄表",
    FeeBasis.SHARED: "公摊",
    FeeBasis.FORMULA: "公式",
    FeeBasis.ONE_OFF: "一次性",
}
UNIT_NAMES = {
    FeeBasis.BUILT_AREA: "元/㎡·月",
    FeeBasis.INDOOR_AREA: "元/㎡·月",
    FeeBasis.FIXED: "元/月",
    FeeBasis.METERED: "元/单位用量",
    FeeBasis.SHARED: "元",
    FeeBasis.FORMULA: "元（公式里的“单价”）",
    FeeBasis.ONE_OFF: "元",
}
TIMING_NAMES = {
    FeeTiming.PREPAID: "预收（账期开始的那个月出账）",
    FeeTiming.POSTPAID: "后收（账期结束后出账）",
}
TIER_PERIOD_NAMES = {TierPeriod.PERIOD: "每个账期重新计", TierPeriod.YEAR: "按全年累计"}
SHARE_BY_NAMES = {
    ShareBy.AREA: "按建筑面积",
    ShareBy.ROOM: "按户平分",
    ShareBy.WEIGHT: "按公摊权重",
}
CYCLE_NAMES = {1: "每月", 2: "每两个月", 3: "每季度", 6: "每半年", 12: "每年"}
