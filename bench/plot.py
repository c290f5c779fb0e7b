"""A plot of costs against sizes, both on logarithmic scales, as SVG: attributes only, no style and no script."""

import math
from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape

Costs = Mapping[str, Mapping[int, float]]  # by what is asked for: size -> milliseconds

HEIGHT = 470
TOP, BOTTOM, LEFT, PANEL, LABELS = 60, 50, 70, 235, 195
PAPER, INK, FAINT = "#fbfaf6", "#1b2527", "#c9c5b8"
# Dark enough on the paper, told apart by dashes too.
LINES = (
    ("#0b5a60", ""),
    ("#a8641c", ""),
    ("#5b3f8c", ""),
    ("#0b5a60", "6 3"),
    ("#a8641c", "6 3"),
    ("#5b3f8c", "6 3"),
    ("#0b5a60", "2 3"),
    ("#a8641c", "2 3"),
    ("#5b3f8c", "2 3"),
    ("#1b2527", "8 3 2 3"),
    ("#0b5a60", "1 3"),
    ("#a8641c", "1 3"),
    ("#5b3f8c", "1 3"),
)
LABEL_HEIGHT = 15


def spread(wanted: Sequence[float], apart: float, most: float) -> list[float]:
    """Places as near to the wanted ones as they can be while `apart` from each other and none beyond `most`."""
    order = sorted(range(len(wanted)), key=lambda n: wanted[n])
    placed = [0.0] * len(wanted)
    for before, n in zip([None, *order], order, strict=False):
        placed[n] = wanted[n] if before is None else max(wanted[n], placed[before] + apart)
    limit = most
    for n in reversed(order):
        placed[n] = min(placed[n], limit)
        limit = placed[n] - apart
    return placed


def number(value: float) -> str:
    return f"{value:,.0f}" if value >= 1 else f"{value:g}"


def scale(panels: Mapping[str, Costs], title: str, description: str) -> str:
    """The whole SVG file, with a panel for each database. All costs must be positive, all sizes at least 1."""
    width = LEFT + len(panels) * (PANEL + LABELS)
    sizes = sorted({size for costs in panels.values() for line in costs.values() for size in line})
    values = [cost for costs in panels.values() for line in costs.values() for cost in line.values()]
    lowest, highest = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    left_size, right_size = math.log10(sizes[0]), math.log10(sizes[-1])

    def y(cost: float) -> float:
        return HEIGHT - BOTTOM - (math.log10(cost) - lowest) / (highest - lowest) * (HEIGHT - TOP - BOTTOM)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {HEIGHT}" font-family="sans-serif" '
        f'font-size="12" role="img" aria-labelledby="t d">',
        f'<title id="t">{escape(title)}</title>',
        f'<desc id="d">{escape(description)}</desc>',
        f'<rect width="{width}" height="{HEIGHT}" fill="{PAPER}"/>',
        f'<text x="14" y="24" fill="{INK}" font-size="15" font-weight="bold">{escape(title)}</text>',
    ]
    for column, (name, costs) in enumerate(panels.items()):
        start = LEFT + column * (PANEL + LABELS)

        def x(size: int, start: float = start) -> float:
            return start + (math.log10(size) - left_size) / (right_size - left_size) * PANEL

        parts.append(f'<text x="{start}" y="{TOP - 12}" fill="{INK}" font-weight="bold">{escape(name)}</text>')
        for power in range(lowest, highest + 1):
            height = y(10**power)
            parts.append(f'<path d="M{start} {height:.1f}h{PANEL}" stroke="{FAINT}"/>')
            if not column:
                label = f"{number(10**power)} ms"
                parts.append(
                    f'<text x="{start - 6}" y="{height + 4:.1f}" fill="{INK}" text-anchor="end">{label}</text>'
                )
        for size in sizes:
            parts.append(f'<path d="M{x(size):.1f} {TOP}V{HEIGHT - BOTTOM}" stroke="{FAINT}"/>')
            parts.append(
                f'<text x="{x(size):.1f}" y="{HEIGHT - BOTTOM + 18}" fill="{INK}" text-anchor="middle">{size:,}</text>'
            )
        ends = [y(line[max(line)]) for line in costs.values()]
        places = spread(ends, LABEL_HEIGHT, HEIGHT - BOTTOM)
        for (what, line), place, (colour, dashes) in zip(costs.items(), places, LINES[: len(costs)], strict=True):
            points = " ".join(f"{x(size):.1f},{y(cost):.1f}" for size, cost in sorted(line.items()))
            dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
            parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"{dashed}/>')
            parts.append(
                f'<path d="M{start + PANEL + 2} {y(line[max(line)]):.1f}L{start + PANEL + 10} {place:.1f}h4" '
                f'stroke="{colour}" fill="none"/>'
            )
            parts.append(
                f'<text x="{start + PANEL + 17}" y="{place + 4:.1f}" fill="{colour}">{escape(what)}, '
                f"{number(line[max(line)])}</text>"
            )
    parts.append(f'<text x="{width - 14}" y="{HEIGHT - 8}" fill="{INK}" text-anchor="end">studies</text>')
    return "\n".join([*parts, "</svg>", ""])
