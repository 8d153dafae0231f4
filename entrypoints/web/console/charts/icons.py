"""Icons: small pictures beside a word, which screen readers skip."""

from collections.abc import Mapping

from markupsafe import Markup

ROUND = 'stroke-linecap="round" stroke-linejoin="round"'
LINE = f'fill="none" stroke="currentColor" stroke-width="3.4" {ROUND}'
ON_CARD = 'stroke="var(--card)" stroke-width="2.4" stroke-linecap="round"'
SHAPES: Mapping[str, str] = {
    "ok": (
        '<circle cx="12" cy="12" r="11" fill="currentColor"/>'
        f'<path d="M6.8 12.4l3.4 3.5 7-7.6" fill="none" {ON_CARD} stroke-linejoin="round"/>'
    ),
    "tick": f'<path d="M4 12.6l5.2 5.4L20 6.5" {LINE}/>',
    "warn": (
        f'<path d="M12 2.2L23 21.5H1z" fill="currentColor" stroke="currentColor" stroke-width="1.5" {ROUND}/>'
        f'<path d="M12 9v6" {ON_CARD}/><circle cx="12" cy="18.3" r="1.4" fill="var(--card)"/>'
    ),
    "wait": (
        '<circle cx="12" cy="12" r="9.5" fill="none" stroke="currentColor" stroke-width="2.6"/>'
        f'<path d="M12 6.5V12l3.6 2.6" fill="none" stroke="currentColor" stroke-width="2.6" {ROUND}/>'
    ),
    "cross": f'<path d="M5 5l14 14M19 5L5 19" {LINE}/>',
    "pause": '<path d="M7 5v14M17 5v14" fill="none" stroke="currentColor" stroke-width="4" stroke-linecap="round"/>',
}


def icon(name: str) -> Markup:
    """Return one of `SHAPES`, in the color of the text around it."""
    return Markup(f'<svg viewBox="0 0 24 24" aria-hidden="true">{SHAPES[name]}</svg>')  # noqa: S704  # all of it is ours
