"""What axe-core finds wrong with a page."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

GRAVE = {"serious", "critical"}
# A spinner never comes to rest.
_REST = """Promise.allSettled(document.getAnimations()
    .filter(animation => animation.effect.getComputedTiming().endTime !== Infinity)
    .map(animation => animation.finished))"""


def faults(page: Page) -> list[str]:
    """What axe-core finds on the page as it is now, once nothing moves any more but what never stops."""
    page.evaluate(_REST)
    page.evaluate(Axe().axe_script)
    answer = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{found['impact']}: {found['help']} ({found['id']}): {node['target']} {node['html'][:160]}"
        for found in answer["violations"]
        if found["impact"] in GRAVE
        for node in found["nodes"]
    ]
