"""Nine programmes of 2026 over the four clusters and the three units.

Programmes and the figures marked "published" are those of the regency's own announcements; the others are
examples, and their names say so ("contoh").
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from programs.models import Criterion, DistrictQuota, Program
from registry.audit import deed
from registry.models import Agency, Area

YEAR = 2026
POOR = "very_poor,poor"
POOR_OR_NEAR = "very_poor,poor,near_poor"
RIVER_DISTRICTS = (
    *("64.02.01", "64.02.08", "64.02.09", "64.02.10"),
    *("64.02.11", "64.02.12", "64.02.18", "64.02.19"),
)
# Districts of the P3KE priority list of 2023, first priority to fourth; Tabang is not on it.
PRIORITIES = (
    ("64.02.04", "64.02.02", "64.02.11", "64.02.16", "64.02.07"),
    ("64.02.03", "64.02.13", "64.02.20", "64.02.06", "64.02.09"),
    ("64.02.17", "64.02.05", "64.02.19", "64.02.01"),
    ("64.02.10", "64.02.18", "64.02.08", "64.02.14", "64.02.15"),
)
HOUSES_BY_PRIORITY = (8, 6, 4, 2)

Rules = tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """``rules`` are (fact, comparison, value); the ceiling is quota times unit cost."""

    code: str
    name: str
    agency: str
    cluster: Program.Cluster
    strategy: Program.Strategy
    unit: Program.Unit
    quota: int
    unit_cost: int
    rules: Rules
    districts: Mapping[str, int] = field(default_factory=dict)


PLANS = (
    Plan(
        code="sembako-daerah",
        name="Sembako Daerah",
        agency="dinsos",
        cluster=Program.Cluster.FAMILY,
        strategy=Program.Strategy.EXPENDITURE,
        unit=Program.Unit.FAMILY,
        quota=1_000,  # published: 1,000 families, Rp3 billion a year
        unit_cost=3_000_000,
        rules=(("status", "one_of", POOR),),
    ),
    Plan(
        code="bantuan-lansia",
        name="Bantuan Lanjut Usia (contoh)",
        agency="dinsos",
        cluster=Program.Cluster.FAMILY,
        strategy=Program.Strategy.EXPENDITURE,
        unit=Program.Unit.MEMBER,
        quota=150,
        unit_cost=2_400_000,
        rules=(("status", "one_of", POOR), ("age", "at_least", "60")),
    ),
    Plan(
        code="bantuan-disabilitas",
        name="Bantuan Penyandang Disabilitas (contoh)",
        agency="dinsos",
        cluster=Program.Cluster.FAMILY,
        strategy=Program.Strategy.EXPENDITURE,
        unit=Program.Unit.MEMBER,
        quota=60,
        unit_cost=2_400_000,
        rules=(("status", "one_of", POOR_OR_NEAR), ("disability", "is", "yes")),
    ),
    Plan(
        code="beasiswa-kukar-idaman",
        name="Beasiswa Kukar Idaman (nilai contoh)",
        agency="disdikbud",
        cluster=Program.Cluster.FAMILY,
        strategy=Program.Strategy.EXPENDITURE,
        unit=Program.Unit.MEMBER,
        quota=1_220,  # published: 1,220 students
        unit_cost=1_500_000,
        rules=(
            ("status", "one_of", POOR_OR_NEAR),
            ("age", "at_least", "6"),
            ("age", "at_most", "21"),
            ("school_attendance", "one_of", "2"),
        ),
    ),
    Plan(
        code="pondok-pangan-etam",
        name="Pondok Pangan Etam (sasaran contoh)",
        agency="dketapang",
        cluster=Program.Cluster.COMMUNITY,
        strategy=Program.Strategy.INCOME,
        unit=Program.Unit.HOUSEHOLD,
        quota=200,
        unit_cost=2_500_000,
        rules=(("status", "one_of", POOR_OR_NEAR), ("household_size", "at_least", "4")),
    ),
    Plan(
        code="nyaman-bejukut",
        name="Nyaman Bejukut (sasaran contoh)",
        agency="dkp",
        cluster=Program.Cluster.COMMUNITY,
        strategy=Program.Strategy.INCOME,
        unit=Program.Unit.FAMILY,
        quota=120,
        unit_cost=7_500_000,
        rules=(("status", "one_of", POOR_OR_NEAR), ("sector", "one_of", "4"), ("age", "at_most", "64")),
    ),
    Plan(
        code="kredit-kukar-idaman",
        name="Kredit Kukar Idaman (sasaran contoh)",
        agency="diskop-ukm",
        cluster=Program.Cluster.MICRO_ENTERPRISE,
        strategy=Program.Strategy.INCOME,
        unit=Program.Unit.MEMBER,
        quota=250,
        unit_cost=25_000_000,  # published: loans of Rp25 million at most, without interest
        rules=(
            ("decile", "at_most", "5"),
            ("owns_business", "is", "yes"),
            ("age", "at_least", "18"),
            ("age", "at_most", "64"),
        ),
    ),
    Plan(
        code="yok-baiki-rumah",
        name="Yok Baiki Rumah (kuota contoh)",
        agency="disperkim",
        cluster=Program.Cluster.AFFORDABLE,
        strategy=Program.Strategy.POCKETS,
        unit=Program.Unit.HOUSEHOLD,
        quota=80,
        unit_cost=20_000_000,  # published for BSPS: Rp20 million a house
        rules=(
            ("status", "one_of", POOR_OR_NEAR),
            ("tenure", "one_of", "1"),
            ("floor", "one_of", "7,8"),
        ),
        districts={
            district: houses
            for houses, districts in zip(HOUSES_BY_PRIORITY, PRIORITIES, strict=True)
            for district in districts
        },
    ),
    Plan(
        code="air-bersih",
        name="Air Bersih (sasaran contoh)",
        agency="dpu",
        cluster=Program.Cluster.AFFORDABLE,
        strategy=Program.Strategy.POCKETS,
        unit=Program.Unit.HOUSEHOLD,
        quota=160,
        unit_cost=4_000_000,
        rules=(
            ("water", "one_of", "9,10"),
            ("status", "none_of", "unknown"),
            ("targeted", "not_targeted_by", "yok-baiki-rumah"),
        ),
        districts=dict.fromkeys(RIVER_DISTRICTS, 20),
    ),
)


def ensure_programmes() -> int:
    """Adds those that are missing of the year; returns how many. Needs the agencies and the districts."""
    present = set(Program.objects.filter(year=YEAR).values_list("code", flat=True))
    missing = [plan for plan in PLANS if plan.code not in present]
    agencies = {agency.code: agency for agency in Agency.objects.all()}
    districts = set(Area.objects.districts().values_list("code", flat=True))
    for plan in missing:
        with deed("add_program", by=None) as act:
            program = _add(plan, agencies[plan.agency], districts)
            act.about(program, code=plan.code)
    return len(missing)


def _add(plan: Plan, agency: Agency, districts: set[str]) -> Program:
    program = Program.objects.create(
        code=plan.code,
        name=plan.name,
        agency=agency,
        cluster=plan.cluster,
        strategy=plan.strategy,
        unit=plan.unit,
        year=YEAR,
        quota=plan.quota,
        unit_cost=Decimal(plan.unit_cost),
        budget_ceiling=Decimal(plan.quota * plan.unit_cost),
    )
    for position, (fact, comparison, value) in enumerate(plan.rules, start=1):
        Criterion.objects.create(
            program=program, position=position, fact=fact, comparison=comparison, value=value
        )
    DistrictQuota.objects.bulk_create(
        DistrictQuota(program=program, area_id=district, quota=quota)
        for district, quota in plan.districts.items()
        if district in districts
    )
    return program
