#!/usr/bin/env python3
"""Records a made-up corps of officers at three of the demo agencies of load.sh, and nowhere else.

    deploy/demo/corps.py ACCORDCTL PROFILE [--scale K]

Their names are numbers ("Demo Given-12"), and what is shown of them carries SYNTHETIC. Each of
STORIES is told K times, 1 to 100, with histories up to today, or to ACCORD_DEMO_DAY. Each step
is taken by the role that may take it: see ../policy/access.textproto. Steps that are repeated
change nothing: their request ids are made of the step.
"""

import argparse
import concurrent.futures
import csv
import dataclasses
import datetime
import hashlib
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import time
import uuid

# Whose officers are made up, by model. All lie in the area of the office that the roles of a
# field office are bound to.
AGENCIES = {
    "JEM": "Demo Ironvale County Sheriff's Office",
    "WSO": "Demo Junipine County Sheriff's Office",
    "TFM": "Demo Kestrel Ford Police Department",
}
ANNUAL = [
    "annual-ina-overview",
    "annual-immigration-fundamentals",
    "annual-trafficking-awareness",
    "annual-information-awareness",
    "annual-records-management",
    "annual-privacy-awareness",
    "annual-operations-security",
    "annual-language-access",
]
# How long before the basic course was passed its class began. Of the others no class is on record.
PAST_CLASS_DAYS = {"JEM": 25, "WSO": 1}
# Who signs a token of the demo, as Changes name them.
ISSUER = "http://demo.accord.invalid"
SEED = 287
# Steps taken at a time.
WORKERS = 4
# What accordctl says when a role has made its calls for now.
RETRY = re.compile(r"retry after ([0-9.]+) s")


@dataclasses.dataclass
class Story:
    """What became of an officer. Days count from today; the basic course begins the story."""

    title: str
    model: str
    # When the basic course was taken, and with which results; None: not yet.
    basic: int | None
    results: tuple = ("passed",)
    # Days on which all annual courses were taken, and the day with those of `some` only.
    annual: tuple = ()
    some: tuple | None = None
    # Two years after the basic course to the day: earlier does not count, later is late.
    refresher: bool = False
    # How far the paper trail goes: nominated, screened, screened-out, training, certified or
    # authorized.
    until: str = "authorized"
    # The letter for the present term, if not the first one.
    letter: int | None = None
    verified: bool = True


UNKNOWN = "unknown: the basic course's evidence was void"
STORIES = [
    Story("current, for long", "JEM", -800, annual=(-450, -85), refresher=True),
    Story("current, in the second year", "JEM", -420, annual=(-70,)),
    Story("current, in the first year", "JEM", -120),
    Story("lapses within 30 days", "JEM", -345),
    Story("lapses within 90 days", "JEM", -290),
    Story("lapsed: no annual course ever", "JEM", -500, verified=False),
    Story("lapsed: two annual courses missing", "JEM", -480, some=(-130, 6), verified=False),
    Story("lapsed: refresher overdue", "JEM", -790, annual=(-440, -75), verified=False),
    Story(UNKNOWN, "JEM", -260, verified=False),
    Story("disqualified", "JEM", -60, results=("failed", "disqualified"), until="training"),
    Story("in training", "JEM", None, until="training"),
    Story("nominated", "JEM", None, until="nominated"),
    Story("found not eligible", "JEM", None, until="screened-out"),
    Story("certified, no letter yet", "JEM", -30, until="certified", verified=False),
    Story("current", "WSO", -700),
    Story("current after a retake", "WSO", -310, results=("failed", "passed")),
    Story("in class today", "WSO", None, until="screened"),
    Story("stayed away from class today", "WSO", None, until="screened"),
    Story("two years end within 30 days", "TFM", -745, letter=-710),
    Story("two years end within 180 days", "TFM", -640, letter=-600),
    Story("two years are over", "TFM", -790, letter=-750),
    Story("authorized this year", "TFM", -110),
]


@dataclasses.dataclass
class Officer:
    story: Story
    number: int
    # Which telling of all stories.
    telling: int
    # Shifts the whole story, so that not all of a kind have the same dates.
    shift: int
    name: str = ""


class Accord:
    """The command line, as one role or another."""

    def __init__(self, accordctl, profile):
        self.accordctl = accordctl
        self.profile = profile

    def run(self, role, *args, output="name"):
        """What it prints: names, one a line."""
        command = [self.accordctl, "--config", self.profile, "--context", role, "-o", output, *args]
        while True:
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode == 0:
                return done.stdout.strip()
            wait = RETRY.search(done.stderr) if "CALLER_QUOTA" in done.stderr else None
            if wait is None:
                sys.exit(f"corps.py: {role}: {' '.join(args)}\n{done.stderr}")
            # Of many officers, a role's calls of a minute are soon made.
            time.sleep(float(wait.group(1)) + 0.5)

    def today(self):
        """In the program's time zone, which need not be ours."""
        summary = self.run("unit_chief", "training", "summary", "--fictitious", output="json")
        as_of = json.loads(summary)["asOf"]
        return datetime.date(as_of["year"], as_of["month"], as_of["day"]).isoformat()

    def write(self, role, *args):
        """With a request id made of the command: repeated, it changes nothing."""
        digest = hashlib.sha256("\0".join(("corps", role) + args).encode()).digest()
        return self.run(role, *args, "--request-id", str(uuid.UUID(bytes=digest[:16])))


class Corps:
    def __init__(self, accord, today, scale):
        self.accord = accord
        self.today = today
        self.agencies = {}
        self.agreements = {}
        # By model, first and last day.
        self.classes = {}
        chance = random.Random(SEED)
        self.officers = [
            Officer(story, telling * len(STORIES) + place + 1, telling,
                    shift=chance.randint(-3, 0) if telling else 0)
            for telling in range(scale)
            for place, story in enumerate(STORIES)
        ]

    def day(self, days):
        return (self.today + datetime.timedelta(days=days)).isoformat()

    def of(self, title):
        """Each telling's officer of that story."""
        return [officer for officer in self.officers if officer.story.title == title]

    def find_agreements(self):
        for model, agency in AGENCIES.items():
            made_up = f'fictitious = true AND display_name = "{agency}"'
            self.agencies[model] = self.accord.run(
                "unit_chief", "list", "agencies", "--filter", made_up)
            self.agreements[model] = self.accord.run(
                "unit_chief", "list", "agreements", "--filter",
                f'agency = "{self.agencies[model]}"')
            if len(self.agreements[model].splitlines()) != 1:
                sys.exit(f"corps.py: {agency} has not one agreement; is the demo loaded?")

    def basic_day(self, officer):
        basic = officer.story.basic
        return None if basic is None else basic + officer.shift

    # ---- What is recorded of one officer, before and after courses ----

    def nominate(self, officer):
        until = officer.story.until
        basic = self.basic_day(officer)
        first = (basic if basic is not None else -20) - 40
        officer.name = self.accord.write(
            "agency_coordinator", "officer", "nominate",
            "--given-name", f"Demo Given-{officer.number}",
            "--family-name", f"Demo Family-{officer.number}",
            "--agreement", self.agreements[officer.story.model],
            "--date", self.day(first), "--source", "Demo nomination")
        if until == "nominated":
            return
        step = "screen-out" if until == "screened-out" else "clear"
        self.step("national_pm", step, officer, first + 10, "Decided")
        if until in ("screened", "screened-out"):
            return
        self.step("national_pm", "start-training", officer, first + 12, "Class begins")

    def step(self, role, verb, officer, days, reason):
        self.accord.write(role, "officer", verb, officer.name, "--date", self.day(days),
                          "--reason", reason, "--source", "Demo record")

    def paper(self, officer, paper, days):
        self.accord.write("national_pm", "officer", "paper", officer.name, "--paper", paper,
                          "--date", self.day(days), "--source", "Demo record")

    def certify(self, officer):
        story = officer.story
        if story.until not in ("certified", "authorized"):
            return
        basic = self.basic_day(officer)
        self.step("national_pm", "certify", officer, basic + 2, "Passed")
        if story.until == "certified":
            return
        letter = basic + 10
        if story.letter is not None:
            letter = story.letter + officer.shift
        self.step("field_office_director", "authorize", officer, letter, "Letter of the director")
        if story.model != "TFM":
            self.paper(officer, "form_70_006_signed", letter + 1)
            self.paper(officer, "credentials_issued", letter + 2)

    # ---- Courses ----

    def completions_of(self, officer):
        story = officer.story
        basic = self.basic_day(officer)
        if basic is None:
            return
        for attempt, result in enumerate(story.results, start=1):
            days = basic - len(story.results) + attempt
            yield f"{story.model.lower()}-basic", self.day(days), result, attempt
        for days in story.annual:
            for course in ANNUAL:
                yield course, self.day(days + officer.shift), "passed", 1
        if story.some:
            days, count = story.some
            for course in ANNUAL[:count]:
                yield course, self.day(days + officer.shift), "passed", 1
        if story.refresher:
            yield "jem-refresher", self.two_years_after(basic), "passed", 1

    def two_years_after(self, days):
        date = self.today + datetime.timedelta(days=days)
        try:
            return date.replace(year=date.year + 2).isoformat()
        except ValueError:  # A leap day: its anniversary is the last day of the month.
            return date.replace(year=date.year + 2, day=28).isoformat()

    def class_of(self, officer):
        """First and last day of the class in which the basic course was taken, if one is known."""
        basic = self.basic_day(officer)
        model = officer.story.model
        if basic is None or model not in PAST_CLASS_DAYS:
            return None
        first = basic - PAST_CLASS_DAYS[model]
        # By the policy's calendar no class of this course begins from October on.
        closed = model == "JEM" and (self.today + datetime.timedelta(days=first)).month >= 10
        return None if closed else (model, first, basic)

    def past_classes(self, pool):
        """Announced afterwards, as history is: nobody enrolls, results say who was there."""
        days = sorted({self.class_of(officer) for officer in self.officers} - {None})
        offerings = pool.map(lambda of: self.offering(
            f"{of[0].lower()}-basic", "Demo Hall", of[1], of[2], 24), days)
        self.classes = dict(zip(days, offerings))

    def import_completions(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, f"demo-completions-{self.today}.csv")
            with open(path, "w", newline="", encoding="utf-8") as file:
                rows = csv.writer(file)
                rows.writerow(["officer", "course", "date", "result", "attempt", "evidence",
                               "offering"])
                for officer in self.officers:
                    held = self.classes.get(self.class_of(officer), "")
                    for course, date, result, attempt in self.completions_of(officer):
                        evidence = f"DEMO-{officer.number}-{course}-{date}"
                        rows.writerow([officer.name, course, date, result, attempt, evidence,
                                       held if course.endswith("-basic") else ""])
            imported = self.accord.run("fletc_scheduler", "completion", "import", path)
        rejected = self.accord.run(
            "fletc_scheduler", "list", "completion-rows", "--parent", imported, "--filter",
            "outcome = COMPLETION_OUTCOME_REJECTED")
        if rejected:
            sys.exit(f"corps.py: rows of {imported} were rejected")

    def void_evidence(self, officer):
        completion = self.accord.run(
            "training_officer", "list", "completions", "--filter",
            f'officer = "{officer.name}" AND course = "jem-basic"')
        self.accord.write("training_officer", "completion", "void", completion.splitlines()[0],
                          "--date", self.day(0), "--reason", "The certificate was another's")

    # ---- Seats ----

    def offering(self, course, place, first, last, seats):
        return self.accord.write(
            "fletc_scheduler", "offering", "create", "--course", course, "--place", place,
            "--first-date", self.day(first), "--last-date", self.day(last), "--seats", str(seats),
            "--fictitious")

    def enroll(self, officer, offering, *priority):
        return self.accord.write("fletc_scheduler", "enrollment", "enroll", officer.name,
                                 "--offering", offering, *priority)

    def class_of_today(self, came, stayed_away):
        offering = self.offering("wso-basic", f"Demo Hall {came.telling + 1}", 0, 1, 4)
        first = self.enroll(came, offering)
        second = self.enroll(stayed_away, offering)
        self.accord.write("fletc_scheduler", "enrollment", "attended", first)
        self.accord.write("fletc_scheduler", "enrollment", "no-show", second,
                          "--reason", "Did not come")

    def class_with_one_seat(self, early, late, lapsed):
        """Who has lapsed comes first of those who wait."""
        offering = self.offering("jem-refresher", f"Demo Academy {early.telling + 1}", 45, 50, 1)
        self.enroll(early, offering)
        self.enroll(late, offering)
        self.enroll(lapsed, offering, "--priority", "lapsed",
                    "--priority-reason", "The refresher is overdue")

    def seats(self, pool):
        list(pool.map(self.class_of_today, self.of("in class today"),
                      self.of("stayed away from class today")))
        list(pool.map(self.class_with_one_seat, self.of("current, in the first year"),
                      self.of("lapses within 90 days"), self.of("lapsed: refresher overdue")))

    # ---- Oversight ----

    def monitors(self):
        for model, acknowledged in (("JEM", ("field_pm", "training_officer")),
                                    ("WSO", ("field_pm",))):
            monitor = self.accord.write(
                "national_pm", "monitor", "name", self.agencies[model],
                "--manager", f"{ISSUER}#demo-field_pm",
                "--training-officer", f"{ISSUER}#demo-training_officer",
                "--reason", "Named by the unit")
            for role in acknowledged:
                self.accord.write(role, "monitor", "acknowledge", monitor)

    def verify(self, officer):
        fiscal_year = self.today.year + (self.today.month >= 10)
        self.accord.write("field_pm", "verification", "record", officer.name,
                          "--year", str(fiscal_year), "--date", self.day(0))

    def waive(self):
        officer = self.of("current, in the first year")[0]
        self.accord.write(
            "unit_chief", "waiver", "grant", officer.name, "--course", "annual-language-access",
            "--because", "equivalent_training",
            "--explanation", "Demo certificate of a language school",
            "--first-date", self.day(-10), "--last-date", self.day(355))

    def revocations(self):
        """One decided, one told, one that waits for too long; the day's sweep opens the rest."""
        waiting = self.of("lapsed: no annual course ever")[0]
        self.accord.write("field_pm", "revocation", "propose", waiting.name,
                          "--date", self.day(-45), "--reason", "No annual course is on record")
        unknown = self.of(UNKNOWN)[0]
        case = self.accord.write("field_pm", "revocation", "propose", unknown.name,
                                 "--reason", "No evidence of the basic course")
        self.accord.write("field_pm", "revocation", "notice", case, "--date", self.day(0),
                          "--reason", "Told by letter")
        lapsed = self.of("lapsed: refresher overdue")[0]
        case = self.accord.write("field_pm", "revocation", "propose", lapsed.name,
                                 "--reason", "The refresher is overdue")
        self.accord.write("field_office_director", "revocation", "retain", case,
                          "--date", self.day(0), "--reason", "A seat in the next class is taken")

    def record(self):
        self.find_agreements()
        with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
            list(pool.map(self.nominate, self.officers))
            self.past_classes(pool)
            self.import_completions()
            list(pool.map(self.certify, self.officers))
            list(pool.map(self.void_evidence, self.of(UNKNOWN)))
            self.seats(pool)
            self.monitors()
            verified = [o for o in self.officers
                        if o.story.model == "JEM" and o.story.verified
                        and o.story.until == "authorized"]
            list(pool.map(self.verify, verified))
            self.waive()
            self.revocations()
        print(f"{len(self.officers)} made-up officers")


def scale(text):
    number = int(text)
    if not 1 <= number <= 100:
        raise argparse.ArgumentTypeError("from 1 to 100")
    return number


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("accordctl")
    options.add_argument("profile")
    options.add_argument("--scale", type=scale, default=1)
    given = options.parse_args()
    accord = Accord(given.accordctl, given.profile)
    day = os.environ.get("ACCORD_DEMO_DAY") or accord.today()
    Corps(accord, datetime.date.fromisoformat(day), given.scale).record()


if __name__ == "__main__":
    main()
