"""The answers of the Regsosek 2022 questionnaire by code, worded so that they fit into a sentence."""

from collections.abc import Mapping

from households.poverty.text import gettext_noop as _

Names = Mapping[int, str]

# 303: what most of the floor is made of. Wood is one code, whatever its quality.
FLOOR: Names = {
    1: _("marble or granite"),
    2: _("ceramic tiles"),
    3: _("parquet, vinyl or carpet"),
    4: _("cement tiles or terrazzo"),
    5: _("wood or boards"),
    6: _("cement or red brick"),
    7: _("bamboo"),
    8: _("earth"),
    9: _("another material"),
}

# 304: what most of the walls are made of.
WALL: Names = {
    1: _("masonry"),
    2: _("plastered woven bamboo or wire"),
    3: _("wood, boards or panels"),
    4: _("woven bamboo"),
    5: _("logs"),
    6: _("bamboo"),
    7: _("another material"),
}

# 306a: main source of drinking water.
WATER: Names = {
    1: _("branded bottled water"),
    2: _("refilled bottles"),
    3: _("piped water"),
    4: _("a borehole or pump"),
    5: _("a protected well"),
    6: _("an unprotected well"),
    7: _("a protected spring"),
    8: _("an unprotected spring"),
    9: _("a river, lake or other surface water"),
    10: _("rain"),
    11: _("another source"),
}

# 307a: main source of light.
LIGHTING: Names = {
    1: _("metered PLN electricity"),
    2: _("unmetered PLN electricity"),
    3: _("electricity from another supplier"),
    4: _("something other than electricity"),
}

# 307b1: installed capacity of the first meter.
POWER: Names = {
    1: _("450 VA"),
    2: _("900 VA"),
    3: _("1,300 VA"),
    4: _("2,200 VA"),
    5: _("more than 2,200 VA"),
}

# 308: main cooking fuel.
FUEL: Names = {
    1: _("electricity"),
    2: _("gas from a 5.5 kg cylinder"),
    3: _("gas from a 12 kg cylinder"),
    4: _("gas from a 3 kg cylinder"),
    5: _("piped gas"),
    6: _("biogas"),
    7: _("kerosene"),
    8: _("briquettes"),
    9: _("charcoal"),
    10: _("firewood"),
    11: _("another fuel"),
    12: _("nothing, because nobody cooks at home"),
}

# 309a: whether there is a toilet, and who uses it.
TOILET: Names = {
    1: _("a toilet of its own"),
    2: _("a toilet shared with particular households"),
    3: _("a communal toilet"),
    4: _("a public toilet"),
    5: _("a toilet that it does not use"),
    6: _("no toilet"),
}

# 415: highest diploma. 1 to 5 are primary school, 6 to 10 lower secondary, 11 to 17 upper secondary.
DIPLOMA: Names = {
    1: "Paket A",
    2: "SDLB",
    3: "SD",
    4: "MI",
    5: "SPM/PDF Ula",
    6: "Paket B",
    7: "SMPLB",
    8: "SMP",
    9: "MTs",
    10: "SPM/PDF Wustha",
    11: "Paket C",
    12: "SMALB",
    13: "SMA",
    14: "MA",
    15: "SMK",
    16: "MAK",
    17: "SPM/PDF Ulya",
    18: "D1/D2/D3",
    19: "D4/S1",
    20: _("a professional degree"),
    21: "S2",
    22: "S3",
    23: _("none, not even primary school"),
}
