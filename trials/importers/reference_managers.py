"""EndNote's XML and Zotero's JSON, each read under the tags of RIS."""

from typing import Any
from xml.etree.ElementTree import Element

from trials.importers import ris
from trials.importers.json_parts import objects, text_at
from trials.importers.records import ImportedRecord, Reading, Unreadable
from trials.importers.tagged import Field
from trials.importers.texts import field_names
from trials.importers.xml_parts import texts_at

# https://www.zotero.org/support/dev/web_api/v3/types_and_fields
_ZOTERO = {
    "TI": "title", "T2": "publicationTitle", "J2": "journalAbbreviation", "DA": "date", "VL": "volume", "IS": "issue",
    "SP": "pages", "LA": "language", "DO": "DOI", "UR": "url", "N1": "extra", "AB": "abstractNote",
    "DB": "libraryCatalog",
}  # fmt: skip
_ZOTERO_READ = field_names(" ".join(_ZOTERO.values()) + " key version itemType creators")
_ENDNOTE = {
    "AU": "contributors/authors/author", "TI": "titles/title", "T2": "titles/secondary-title", "CT": "titles/alt-title",
    "JF": "periodical/full-title", "JA": "periodical/abbr-1", "PY": "dates/year", "DA": "dates/pub-dates/date",
    "VL": "volume", "IS": "number", "SP": "pages", "LA": "language", "DO": "electronic-resource-num",
    "AN": "accession-num", "DB": "remote-database-name", "DP": "remote-database-provider", "AB": "abstract",
    "UR": "urls/related-urls/url", "N1": "notes", "C1": "custom1", "C2": "custom2", "C3": "custom3", "C4": "custom4",
    "C5": "custom5", "C6": "custom6", "C7": "custom7", "KW": "keywords/keyword", "M3": "work-type", "SN": "isbn",
}  # fmt: skip
_ENDNOTE_READ = {path.split("/")[0] for path in _ENDNOTE.values()} | {"ref-type"}


def items_in(data: Any) -> list[dict[str, Any]]:
    """Return the items of an export, a list or an answer of Zotero's API; nothing for other JSON."""
    listed = data.get("items", [data]) if isinstance(data, dict) else data
    items = [item["data"] if isinstance(item.get("data"), dict) else item for item in objects(listed)]
    return items if any("itemType" in item for item in items) else []


def read_items(items: list[dict[str, Any]], line: int, reading: Reading) -> None:
    reading.formats.append("Zotero (JSON)")
    for item in items:
        reading.add(line, _fill_item, line, item)


def _fill_item(record: ImportedRecord, line: int, item: dict[str, Any]) -> None:
    kind = text_at(item, "itemType")
    if kind in ("attachment", "note", "annotation", ""):
        raise Unreadable(f"it is not a work ({kind or 'it has no itemType'}).")
    fields = [Field(tag, line, [text]) for tag, name in _ZOTERO.items() if (text := text_at(item, name))]
    for creator in objects(item.get("creators")):
        family, given = text_at(creator, "lastName"), text_at(creator, "firstName")
        name = f"{family}, {given}" if given else text_at(creator, "name") or family
        if creator.get("creatorType") == "author":
            fields.append(
                Field("AU", line, [name if given else name.replace(",", " ") + ","])
            )  # a group's has one behind
        else:
            record.leave("creators")
    ris.fill(record, fields)
    record.label = "Zotero record"
    for name, value in item.items():
        if value and name not in _ZOTERO_READ:
            record.leave(name)


def endnote_records(root: Element) -> list[Element]:
    """Return the records of EndNote's XML; nothing for other XML."""
    return root.findall("records/record") or (root.findall("record") if root.tag == "records" else [])


def read_endnote(records: list[Element], text: str, line: int, reading: Reading) -> None:
    reading.formats.append("EndNote (XML)")
    place = 0
    for element in records:
        at = max(text.find("<record>", place), place)
        line, place = line + text.count("\n", place, at), at + 1
        reading.add(line, _fill_element, line, element)


def _fill_element(record: ImportedRecord, line: int, element: Element) -> None:
    ris.fill(record, [Field(tag, line, [text]) for tag, path in _ENDNOTE.items() for text in texts_at(element, path)])
    record.label = "EndNote record"
    for part in element:
        if part.tag not in _ENDNOTE_READ and any(map(str.strip, part.itertext())):
            record.leave(str(part.tag))
