"""Sets of categories to begin with, beside the ten of every installation.

No header and no genre word points to them: they are learned from what a person files
there, and from rules.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Proposal:
    """A category that could be added; its label is its name."""

    name: str
    color: str
    definition: str


@dataclass(frozen=True, slots=True)
class Preset:
    name: str
    title: str
    proposals: tuple[Proposal, ...]


# The categories of cat-emails that are none of the ten: HEALTH_WELLNESS, EDUCATION,
# HOME_MANAGEMENT, SUBSCRIPTIONS_MEMBERSHIPS, PERSONAL_COMMITMENTS, Wants-Money.
_CAT_EMAILS = Preset(
    "cat-emails",
    "Everyday life",
    (
        Proposal("Health", "green", "Doctors, pharmacies, health insurance, fitness"),
        Proposal("Education", "blue", "Schools, courses, grades, universities"),
        Proposal("Home", "amber", "Rent, energy, water, repairs, neighbours"),
        Proposal("Memberships", "purple", "Clubs, subscriptions and their renewal"),
        Proposal("Commitments", "pink", "What was promised to family, club or council"),
        Proposal("Wants money", "red", "Donation appeals, reminders of open bills"),
    ),
)
_WORK = Preset(
    "work",
    "Work",
    (
        Proposal(
            "Customers", "teal", "Customers and clients: questions, offers, deals"
        ),
        Proposal("Projects", "blue", "Work on a project with people of it"),
        Proposal("Team", "purple", "Colleagues, announcements inside the company"),
        Proposal("Hiring", "pink", "Applications, interviews, recruiters"),
        Proposal("Suppliers", "amber", "Vendors, contracts, purchasing"),
        Proposal("Travel", "cyan", "Business trips: flights, trains, hotels, expenses"),
    ),
)
PRESETS = {one.name: one for one in (_CAT_EMAILS, _WORK)}
