"""What axe-core finds wrong with a page."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

GRAVE = {"serious", "critical"}


def faults(page: Page) -> list[str]:
    """What axe-core finds on the page as it is now, once nothing moves any more."""
    page.evaluate("Promise.allSettled(document.getAnimations().map(animation => animation.finished))")
    page.evaluate(Axe().axe_script)
    answer = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{found['impact']}: {found['help']} ({found['id']}): {node['target']} {node['html'][:160]}"
        for found in answer["violations"]
        if found["impact"] in GRAVE
        for node in found["nodes"]
    ]
