"""Runs axe-core on a page and returns its faults."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

GRAVE = {"serious", "critical"}
# A colour in transition is not the colour that people read, and an answer of the extension may start a transition
# while axe-core runs. So transitions and animations are at their end during the check, and their end state is judged.
_RUN = """async () => {
  const still = new CSSStyleSheet();
  still.replaceSync(`*, *::before, *::after {
    animation-delay: 0s !important; animation-duration: 0s !important; transition: none !important;
  }`);
  const before = document.adoptedStyleSheets;
  document.adoptedStyleSheets = [...before, still];
  try {
    return await axe.run(document, {resultTypes: ['violations']});
  } finally {
    document.adoptedStyleSheets = before;
  }
}"""


def faults(page: Page) -> list[str]:
    """The faults that axe-core finds on the page now, with every movement at its end."""
    page.evaluate(Axe().axe_script)
    answer = page.evaluate(_RUN)
    return [
        f"{found['impact']}: {found['help']} ({found['id']}): {node['target']} {node['html'][:160]}"
        for found in answer["violations"]
        if found["impact"] in GRAVE
        for node in found["nodes"]
    ]
