"""What is wrong with a field of a home file, in words that say what to do, English and Swedish."""

from typing import Final

from ..alarm.reason import Language

#: By the problem's key: English, Swedish.
PROBLEMS: Final[dict[str, tuple[str, str]]] = {
    "alias": ("an alias (*) is not allowed here", "en hänvisning (*) är inte tillåten här"),
    "anchor": ("an anchor (&) is not allowed here", "ett ankare (&) är inte tillåtet här"),
    "automations_unreadable": (
        "automations.yaml is no list of automations that can be taken apart; mend it first",
        "automations.yaml är ingen lista av automationer som går att dela upp; rätta den först",
    ),
    "bad_form": ("this cannot stand here", "så kan det inte stå här"),
    "bad_name": (
        "small letters, digits and underscores, 32 at the most",
        "små bokstäver, siffror och understreck, högst 32",
    ),
    "by_hand": (
        "an automation that somebody has made by hand runs this rule with other settings; remove it first",
        "en automation som någon har gjort för hand kör denna bevakning med andra inställningar; ta bort den först",
    ),
    "demo_has_no_way": (
        "a demo home reaches nobody, so that it has no way out",
        "ett demohem når ingen och har därför ingen väg ut",
    ),
    "label_length": ("1 to 40 characters", "1 till 40 tecken"),
    "label_not_printable": ("only visible characters", "bara synliga tecken"),
    "label_personal_number": (
        "this looks like a personal identity number",
        "detta ser ut som ett personnummer",
    ),
    "missing": ("it must be given", "det måste anges"),
    "more_than_one": ("the file holds two documents", "filen innehåller två dokument"),
    "night_is_day": ("it would always be night", "då vore det alltid natt"),
    "no_key": (
        "the home's public key cannot be used; type it anew",
        "hemmets öppna nyckel går inte att använda; skriv in den på nytt",
    ),
    "no_zone": (
        "write the offset from UTC too, such as +01:00",
        "skriv också avståndet från UTC, som +01:00",
    ),
    "not_a_date": ("write a date, such as 2027-01-31", "skriv ett datum, som 2027-01-31"),
    "not_a_duration": (
        "write a span of time, such as 00:20:00",
        "skriv en tidslängd, som 00:20:00",
    ),
    "not_a_flag": ("write true or false", "skriv true eller false"),
    "not_a_list": ("a list must stand here", "här ska stå en lista"),
    "not_a_mapping": ("names with values must stand here", "här ska stå namn med värden"),
    "not_a_moment": (
        "write a date and time, such as 2027-01-31T12:00:00+01:00",
        "skriv datum och tid, som 2027-01-31T12:00:00+01:00",
    ),
    "not_a_name": ("a name must be a text", "ett namn ska vara en text"),
    "not_a_number": ("write a number", "skriv ett tal"),
    "not_a_text": ("a text must stand here", "här ska stå en text"),
    "not_a_time": ("write a time of day, such as 22:00", "skriv en tid på dygnet, som 22:00"),
    "not_confirmed": (
        "judge whether the rule suits this resident, then set it to true",
        "bedöm om bevakningen passar den boende och sätt sedan till true",
    ),
    "not_in_blueprint": (
        "this rule's blueprint does not ask for it",
        "bevakningens blueprint frågar inte efter det",
    ),
    "not_in_profile": (
        "a profile is for many homes and has no number",
        "en profil är för många hem och har inget nummer",
    ),
    "not_of_this_role": ("no device of this role has it", "ingen enhet med den rollen har det"),
    "not_of_this_type": ("no source of this type has it", "ingen källa av den typen har det"),
    "not_of_this_way": (
        "this way out has no such setting",
        "den vägen ut har ingen sådan inställning",
    ),
    "not_printable": ("only visible characters", "bara synliga tecken"),
    "not_signed": (
        "the file is not signed, and this home takes only what its municipality has signed",
        "filen är inte signerad, och hemmet tar bara det som kommunen har signerat",
    ),
    "not_times": (
        "write times of day, such as 08:00 and 20:00, 24 at the most",
        "skriv tider på dygnet, som 08:00 och 20:00, högst 24",
    ),
    "not_visits": (
        "write times such as 08:00-08:30, 20:00-20:45",
        "skriv tider som 08:00-08:30, 20:00-20:45",
    ),
    "not_weekdays": ("write weekdays as mon, tue, ...", "skriv veckodagar som mon, tue, ..."),
    "not_yaml": ("this is no YAML that can be read", "detta är ingen YAML som går att läsa"),
    "not_yet": ("it lies ahead of now", "det ligger framåt i tiden"),
    "not_csv": ("this is no CSV that can be read", "detta är ingen CSV som går att läsa"),
    "of_the_home": ("this rule is about the home: 0", "denna bevakning gäller hemmet: 0"),
    "other_home": (
        "the file is for another home; nothing of it is taken",
        "filen är för ett annat hem; inget av den tas",
    ),
    "out_of_range": ("it is too small or too large", "det är för litet eller för stort"),
    "own_rule": (
        "the home watches this by itself, and no file sets it",
        "detta bevakar hemmet självt, och ingen fil ställer in det",
    ),
    "role_fixed": (
        "a device keeps its role; give another number to another device",
        "en enhet behåller sin roll; ge en annan enhet ett annat nummer",
    ),
    "same_receiver": (
        "another receiver has this address and this task",
        "en annan mottagare har denna adress och uppgift",
    ),
    "secret": (
        "no file holds secrets; it is typed in Home Assistant and stays there",
        "ingen fil innehåller hemligheter; de skrivs in i Home Assistant och stannar där",
    ),
    "tag": ("a tag (!) is not allowed here", "en tagg (!) är inte tillåten här"),
    "text_length": ("it is empty or too long", "det är tomt eller för långt"),
    "too_deep": ("it is nested too deeply", "det är för djupt nästlat"),
    "too_large": ("it is too large", "det är för stort"),
    "too_long_a_pause": ("a pause is 60 days at the most", "en paus är högst 60 dagar"),
    "too_many": ("there are too many", "det är för många"),
    "twice": ("it stands here twice", "det står här två gånger"),
    "unknown": ("there is no such field", "det finns inget sådant fält"),
    "unknown_basis": (
        "there is no such ground of consent in the municipality's table",
        "det finns ingen sådan grund för samtycke i kommunens tabell",
    ),
    "unknown_choice": ("there is no such choice", "det finns inget sådant val"),
    "unknown_version": (
        "this release does not know this version of the file",
        "denna utgåva känner inte denna version av filen",
    ),
    "wrong_signature": (
        "the signature is not this municipality's, or the text was changed after it was signed",
        "signaturen är inte kommunens, eller så har texten ändrats efter signeringen",
    ),
}


def problem_text(problem: str, language: Language) -> str | None:
    """Return what is wrong, in words; None for a problem that other texts of the home tell."""
    words = PROBLEMS.get(problem)
    return None if words is None else words[1 if language is Language.SV else 0]
