"""What axe-core finds wrong with a page."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

GRAVE = {"serious", "critical"}
# A colour on its way from one to another is none that anybody reads, and an answer of the extension may set one in
# motion while axe looks. So nothing moves while it does: each movement is at its end, where what it leads to is judged.
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
    """What axe-core finds on the page as it is now, with every movement at its end."""
    page.evaluate(Axe().axe_script)
    answer = page.evaluate(_RUN)
    return [
        f"{found['impact']}: {found['help']} ({found['id']}): {node['target']} {node['html'][:160]}"
        for found in answer["violations"]
        if found["impact"] in GRAVE
        for node in found["nodes"]
    ]
