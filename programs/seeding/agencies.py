"""The agencies of Kutai Kartanegara: today's names (Perda 9/2016), and other names until 2016."""

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from registry.audit import deed
from registry.models import Agency


class Name(NamedTuple):
    code: str
    short_name: str
    name: str
    predecessor: str = ""


# The source of the earlier names covers 2011 to 2016; under PP 18/2016 they were replaced. It gives no day.
LAST_DAY = date(2016, 12, 31)
FIRST_DAY = date(2017, 1, 1)

EARLIER = (
    Name("bpmpd", "BPMPD", "Badan Pemberdayaan Masyarakat dan Pemerintahan Desa"),
    Name("disdik-2011", "Dinas Pendidikan", "Dinas Pendidikan"),
    Name("dckt-2011", "Dinas Cipta Karya", "Dinas Cipta Karya dan Tata Ruang"),
    Name("dbm-sda-2011", "Dinas Bina Marga dan SDA", "Dinas Bina Marga dan Sumber Daya Air"),
    Name("distan-2011", "Dinas Pertanian", "Dinas Pertanian Tanaman Pangan"),
    Name("bkp-2011", "BKP", "Badan Ketahanan Pangan"),
    Name("disperindagkop-2011", "Disperindagkop", "Dinas Perindustrian, Perdagangan, Koperasi dan UKM"),
    Name("disnakertrans-2011", "Disnakertrans", "Dinas Tenaga Kerja dan Transmigrasi"),
    Name("bkbp3a-2011", "BKBP3A", "Badan Keluarga Berencana, Pemberdayaan Perempuan dan Perlindungan Anak"),
)
TODAY = (
    Name("bappeda", "Bappeda", "Badan Perencanaan Pembangunan Daerah"),
    Name("dinsos", "Dinas Sosial", "Dinas Sosial"),
    Name("dpmd", "DPMD", "Dinas Pemberdayaan Masyarakat dan Desa", "bpmpd"),
    Name("disdikbud", "Disdikbud", "Dinas Pendidikan dan Kebudayaan", "disdik-2011"),
    Name("dinkes", "Dinas Kesehatan", "Dinas Kesehatan"),
    Name("disperkim", "Disperkim", "Dinas Perumahan dan Kawasan Permukiman", "dckt-2011"),
    Name("dpu", "Dinas PU", "Dinas Pekerjaan Umum", "dbm-sda-2011"),
    Name("distanak", "Distanak", "Dinas Pertanian dan Peternakan", "distan-2011"),
    Name("disbun", "Dinas Perkebunan", "Dinas Perkebunan"),
    Name("dkp", "DKP", "Dinas Kelautan dan Perikanan"),
    Name("dketapang", "Dinas Ketahanan Pangan", "Dinas Ketahanan Pangan", "bkp-2011"),
    Name("diskop-ukm", "Diskop UKM", "Dinas Koperasi dan UKM", "disperindagkop-2011"),
    Name("disperindag", "Disperindag", "Dinas Perindustrian dan Perdagangan", "disperindagkop-2011"),
    Name("distransnaker", "Distransnaker", "Dinas Transmigrasi dan Tenaga Kerja", "disnakertrans-2011"),
    Name("disdukcapil", "Disdukcapil", "Dinas Kependudukan dan Pencatatan Sipil"),
    Name("dp2kb", "DP2KB", "Dinas Pengendalian Penduduk dan Keluarga Berencana", "bkbp3a-2011"),
    Name("dp3a", "DP3A", "Dinas Pemberdayaan Perempuan dan Perlindungan Anak", "bkbp3a-2011"),
    Name("diskominfo", "Diskominfo", "Dinas Komunikasi dan Informatika"),
    Name("kesra", "Bagian Kesra", "Bagian Kesejahteraan Rakyat Sekretariat Daerah"),
    Name("bps", "BPS", "Badan Pusat Statistik Kabupaten Kutai Kartanegara"),
)


def ensure_agencies() -> int:
    """Adds those that are missing, by code; returns how many."""
    codes = {name.code for name in (*EARLIER, *TODAY)}
    if codes <= set(Agency.objects.values_list("code", flat=True)):
        return 0
    with deed("add_agencies", by=None) as act:
        earlier = _add(EARLIER, valid_to=LAST_DAY)
        renamed = _add((name for name in TODAY if name.predecessor), valid_from=FIRST_DAY)
        kept = _add(name for name in TODAY if not name.predecessor)
        act.details = {"agencies": earlier + renamed + kept}
    return earlier + renamed + kept


def _add(names: Iterable[Name], *, valid_from: date | None = None, valid_to: date | None = None) -> int:
    known = {agency.code: agency for agency in Agency.objects.all()}
    missing = [
        Agency(
            code=name.code,
            name=name.name,
            short_name=name.short_name,
            valid_from=valid_from,
            valid_to=valid_to,
            predecessor=known.get(name.predecessor),
        )
        for name in names
        if name.code not in known
    ]
    return len(Agency.objects.bulk_create(missing))
