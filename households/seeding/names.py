"""Names such as people of the Mahakam bear, joined by chance, and the ways in which clerks misspell them."""

from random import Random
from typing import TypeVar

T = TypeVar("T")

MALE = (
    "Abdul", "Achmad", "Ahmad", "Aji", "Ali", "Andi", "Anton", "Arifin", "Asran", "Awang", "Aswin",
    "Bahrun", "Bambang", "Basri", "Burhan", "Darmawan", "Dedi", "Edi", "Encek", "Fahrul", "Gusti", "Hadi",
    "Hamdani", "Hamzah", "Hasan", "Hendra", "Herman", "Husin", "Ibrahim", "Idris", "Imam", "Iskandar",
    "Ismail", "Jafar", "Joko", "Junaidi", "Kaspul", "Lukman", "Mahyudin", "Mansyur", "Markus", "Muhammad",
    "Muhammad", "Muhammad", "Muhammad", "Mulyadi", "Nanang", "Norman", "Paulus", "Petrus", "Rahmat",
    "Ridwan", "Riduan", "Rudi", "Rusdi", "Saleh", "Samsul", "Slamet", "Sofyan", "Sugeng", "Suparman",
    "Suriansyah", "Syahrani", "Syarif", "Taufik", "Tri", "Umar", "Wahyu", "Yansen", "Yohanes", "Yusuf",
    "Zainal", "Zulkifli", "Ma'ruf", "Sya'ban",
)  # fmt: skip
FEMALE = (
    "Aisyah", "Aminah", "Ani", "Asiah", "Astuti", "Aulia", "Dayang", "Dewi", "Dina", "Eka", "Elisabet",
    "Endang", "Erna", "Fatimah", "Fitri", "Hadijah", "Halimah", "Hamidah", "Hartati", "Hasnah", "Hayati",
    "Indah", "Intan", "Jamilah", "Juliana", "Juraidah", "Kartini", "Kurniati", "Lestari", "Lina",
    "Maimunah", "Maria", "Mariani", "Marlina", "Maryam", "Masitah", "Melati", "Mulyani", "Murni",
    "Norhayati", "Norliana", "Nur", "Nurul", "Puji", "Putri", "Rahmah", "Rahmawati", "Ratna", "Rina",
    "Rohana", "Rosita", "Rukiah", "Rusmini", "Sari", "Siti", "Siti", "Siti", "Siti", "Sri", "Sulastri",
    "Sumiati", "Suryani", "Susanti", "Tini", "Tutik", "Wahidah", "Wati", "Yanti", "Yuliana", "Zahrah",
    "Zubaidah", "Sa'diah", "Nur'aini", "Rabi'ah",
)  # fmt: skip
MALE_LAST = (
    "Abidin", "Akbar", "Alamsyah", "Anwar", "Arsyad", "Azis", "Bakri", "Budiman", "Effendi", "Fadli",
    "Fauzi", "Firdaus", "Ghazali", "Hakim", "Halim", "Hamid", "Hanafi", "Hidayat", "Irawan", "Jaelani",
    "Kurniawan", "Kusuma", "Lejau", "Mahmud", "Maulana", "Nugroho", "Noor", "Pratama", "Prasetyo",
    "Purnomo", "Rahman", "Ramadhan", "Rasyid", "Riyadi", "Saputra", "Santoso", "Setiawan", "Siregar",
    "Subhan", "Sulaiman", "Suryadi", "Susanto", "Syahputra", "Syahrul", "Tahir", "Ujang", "Usman", "Utomo",
    "Wahab", "Wibowo", "Wijaya", "Yamani", "Yunus", "Zaini", "Jau", "Bilung", "Lian", "Ding", "Surya",
    "Sa'ad",
)  # fmt: skip
FEMALE_LAST = (
    "Agustina", "Amalia", "Anggraini", "Apriani", "Azizah", "Damayanti", "Fauziah", "Fitriani", "Handayani",
    "Hasanah", "Hidayati", "Husna", "Jannah", "Jumiati", "Khadijah", "Kusumawati", "Latifah", "Maharani",
    "Maulida", "Ningsih", "Novita", "Nuraini", "Oktavia", "Permata", "Pertiwi", "Puspita", "Rahayu",
    "Rahmi", "Ramadhani", "Rosdiana", "Safitri", "Salamah", "Saraswati", "Setiawati", "Solehah", "Sundari",
    "Suryati", "Syarifah", "Utami", "Wahyuni", "Wardani", "Widya", "Wulandari", "Yulianti", "Zakiah",
    "Zuraida", "Bulan", "Lawai", "Paya", "Sa'adah",
)  # fmt: skip
HONORIFICS = ("H.", "Hj.")
STREETS = (
    "Mawar", "Melati", "Kenanga", "Mahakam", "Pesut", "Ulin", "Meranti", "Bengkirai", "Anggrek Hitam",
    "Enggang", "Karya Bersama", "Pelabuhan", "Poros Desa", "Sungai Mati", "Kampung Tengah", "Pasar Lama",
    "Gotong Royong",
)  # fmt: skip

# Read in this order: the first that fits the name gives the ways in which it is written down otherwise.
SPELLINGS = (
    ("Muhammad", ("Moh.", "M.", "Mohammad", "Muh.", "Muhamad", "Mohamad")),
    ("Abdul ", ("Abd. ", "Abd ")),
    ("Achmad", ("Ahmad", "Akhmad")),
    ("Ahmad", ("Achmad", "Akhmad")),
    ("Siti", ("Sity", "Sitti", "St.")),
    ("Nur", ("Noor", "Nor")),
    ("Nor", ("Nur", "Noor")),
    ("sy", ("s", "sj")),
    ("dh", ("d",)),
    ("ff", ("f",)),
    ("f", ("p",)),
    ("z", ("j",)),
    ("'", ("", "`")),
    ("ah", ("a",)),
    ("y", ("i",)),
    ("u", ("oe",)),
)


def name_of(rng: Random, *, is_female: bool, age: int) -> str:
    """One to three words; a title of pilgrimage for some who are older."""
    first, last = (FEMALE, FEMALE_LAST) if is_female else (MALE, MALE_LAST)
    words = [_one(rng, first)]
    chance = rng.random()
    if chance < 0.82:
        words.append(_one(rng, last))
    if chance < 0.06:
        words.insert(1, _one(rng, last))
    if age > 45 and chance > 0.93:
        words.insert(0, HONORIFICS[is_female])
    elif words[0] == "Muhammad" and chance < 0.12:
        words[0] = "M."
    return " ".join(words)


def misspelt(rng: Random, name: str) -> str:
    """The same person's name as another clerk wrote it; never the same letters as ``name``."""
    fitting = [(written, others) for written, others in SPELLINGS if written in name]
    if fitting and rng.random() < 0.75:
        written, others = fitting[0] if rng.random() < 0.6 else _one(rng, tuple(fitting))
        return name.replace(written, _one(rng, others), 1)
    place = rng.randrange(1, len(name))
    letter = name[place]
    if letter.isalpha() and rng.random() < 0.5:
        return name[:place] + letter + name[place:]
    dropped = name[:place] + name[place + 1 :]
    return dropped if len(dropped.strip()) == len(dropped) else name + name[-1]


def street(rng: Random) -> str:
    return f"Jl. {_one(rng, STREETS)} No. {rng.randrange(1, 90)}"


def _one(rng: Random, things: tuple[T, ...]) -> T:
    return things[rng.randrange(len(things))]
