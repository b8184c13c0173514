# ruff: noqa: INP001 - a script beside the documents, in no package
"""Draw Kvarbo's icon: a red house with a heart in its lit window. Somebody lives here, and stays.

Run it to draw `custom_components/kvarbo/brand/` anew: `python docs/brand/make_icon.py`.
All measures are parts of a square of side 256; it is drawn eight times larger and then reduced.
"""

from pathlib import Path
from typing import Final

from PIL import Image, ImageChops, ImageDraw, ImageFilter

BRAND: Final = Path(__file__).parents[2] / "custom_components" / "kvarbo" / "brand"
SIDE: Final = 256
SCALE: Final = 8

type Colour = tuple[int, int, int, int]
type Point = tuple[float, float]

FALU_RED: Final[Colour] = (176, 52, 38, 255)
TRIM: Final[Colour] = (255, 246, 232, 255)
# A grey that stands out from a white page and from a dark one.
ROOF: Final[Colour] = (104, 112, 130, 255)
LIGHT: Final[Colour] = (255, 201, 71, 255)

#: The outline of the house, from the ridge clockwise.
HOUSE: Final[tuple[Point, ...]] = ((128, 30), (220, 112), (220, 238), (36, 238), (36, 112))
EAVES: Final[tuple[Point, ...]] = ((14, 124), (128, 20), (242, 124))
WINDOW: Final = (78, 120, 178, 220)
WINDOW_RADIUS: Final = 14


def _scaled(points: tuple[Point, ...]) -> list[Point]:
    return [(x * SCALE, y * SCALE) for x, y in points]


def _line(draw: ImageDraw.ImageDraw, points: tuple[Point, ...], width: int, fill: Colour) -> None:
    """Draw a line with round joints and round ends."""
    scaled = _scaled(points)
    draw.line(scaled, fill=fill, width=width * SCALE, joint="curve")
    radius = width * SCALE / 2
    for x, y in scaled:
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=fill)


def _box(box: tuple[float, ...], grow: float = 0) -> tuple[float, float, float, float]:
    left, top, right, bottom = box
    return (
        (left - grow) * SCALE,
        (top - grow) * SCALE,
        (right + grow) * SCALE,
        (bottom + grow) * SCALE,
    )


def _heart(size: int, centre: Point, half: float) -> Image.Image:
    """Return a mask that is opaque where a heart of half width `half` stands."""
    mask = Image.new("L", (size, size), 0)
    draw = ImageDraw.Draw(mask)
    x, y = centre[0] * SCALE, centre[1] * SCALE
    lobe = half * SCALE * 0.56
    for side in (-1, 1):
        middle = x + side * lobe * 0.80
        draw.ellipse((middle - lobe, y - lobe * 1.30, middle + lobe, y + lobe * 0.70), fill=255)
    draw.polygon(
        [
            (x - lobe * 1.62, y + lobe * 0.30),
            (x + lobe * 1.62, y + lobe * 0.30),
            (x, y + lobe * 1.95),
        ],
        fill=255,
    )
    return mask


def draw_icon() -> Image.Image:
    """Return the icon at eight times its size, on a transparent ground."""
    size = SIDE * SCALE
    icon = Image.new("RGBA", (size, size), (0, 0, 0, 0))
    draw = ImageDraw.Draw(icon)

    draw.rounded_rectangle(_box((178, 24, 208, 100)), radius=6 * SCALE, fill=ROOF)
    _line(draw, (*HOUSE, HOUSE[0]), 16, FALU_RED)
    draw.polygon(_scaled(HOUSE), fill=FALU_RED)

    glow = Image.new("L", (size, size), 0)
    ImageDraw.Draw(glow).rounded_rectangle(_box(WINDOW, 8), radius=20 * SCALE, fill=150)
    glow = glow.filter(ImageFilter.GaussianBlur(10 * SCALE))
    house = icon.getchannel("A")
    icon.paste(LIGHT, mask=ImageChops.multiply(glow, house))

    _line(draw, EAVES, 22, ROOF)
    draw.rounded_rectangle(_box(WINDOW, 9), radius=(WINDOW_RADIUS + 8) * SCALE, fill=TRIM)
    draw.rounded_rectangle(_box(WINDOW), radius=WINDOW_RADIUS * SCALE, fill=LIGHT)
    icon.paste(FALU_RED, mask=_heart(size, (128, 167), 41))
    return icon


def main() -> None:
    """Write the icon in both sizes."""
    BRAND.mkdir(parents=True, exist_ok=True)
    drawn = draw_icon()
    for name, side in (("icon.png", SIDE), ("icon@2x.png", 2 * SIDE)):
        small = drawn.resize((side, side), Image.Resampling.LANCZOS)
        small.save(BRAND / name, optimize=True)


if __name__ == "__main__":
    main()
