// Platform and report: reads the page again when something has changed, and copies the token.
const offline = document.querySelector(".offline");
let shown = null;

async function refresh() {
  try {
    const { version } = await (await fetch("/pages/version.json")).json();
    if (shown !== null && version !== shown) {
      const page = await (await fetch(location.href)).text();
      const fresh = new DOMParser().parseFromString(page, "text/html");
      document.querySelector("main").replaceWith(fresh.querySelector("main"));
    }
    shown = version;
    offline.hidden = true;
  } catch {
    offline.hidden = false;
  }
  setTimeout(refresh, 1500);
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
  const label = button.textContent;
  button.textContent = button.dataset.done;
  setTimeout(() => (button.textContent = label), 1600);
});
refresh();
