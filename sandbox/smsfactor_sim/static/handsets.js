// Keeps the handsets up to date: reads them once a second and redraws only the phones that changed. Their buttons answer
// and click by the control API.
const list = document.getElementById("phones");
const nobody = document.getElementById("nobody");
const offline = document.querySelector(".offline[role=status]");
const refused = document.getElementById("refused");
const NO_DEVICE = { brand: null, model: null, os: null };

function toBottom(article) {
  const thread = article.querySelector(".thread");
  thread.scrollTop = thread.scrollHeight;
}

// A phone may be drawn anew or moved while someone writes on it: text, chosen device and focus stay.
function redraw(article, html) {
  const written = [...article.querySelectorAll("input, select")].map((field) => [field.dataset.key, field.value]);
  article.innerHTML = html;
  for (const [key, value] of written) {
    const field = controlOf(article, key);
    if (field) field.value = value;
  }
}

const controlOf = (article, key) => article?.querySelector(`[data-key="${CSS.escape(key)}"]`);

function focused() {
  const element = document.activeElement;
  if (!list.contains(element) || !element.dataset.key) return () => undefined;
  const [number, key, start, end] = [numberOf(element), element.dataset.key, element.selectionStart, element.selectionEnd];
  return () => {
    const now = controlOf(list.querySelector(`[data-number="${number}"]`), key);
    if (!now || now === document.activeElement) return;
    now.focus({ preventScroll: true });
    now.setSelectionRange?.(start, end);
  };
}

function draw({ now, phones }) {
  const focusAgain = focused();
  const known = new Map([...list.children].map((article) => [article.dataset.number, article]));
  const wanted = phones.map((phone) => {
    const article = known.get(phone.number) ?? document.createElement("article");
    if (article.dataset.version !== phone.version) {
      article.className = "handset new";
      article.dataset.number = phone.number;
      article.dataset.version = phone.version;
      redraw(article, phone.html);
    }
    return article;
  });
  const moved = wanted.some((article, place) => list.children[place] !== article) || wanted.length !== list.children.length;
  // Moving an element resets its scrolling, so the order is touched only when it differs.
  if (moved) list.replaceChildren(...wanted);
  for (const article of wanted) {
    if (moved || article.classList.contains("new")) toBottom(article);
  }
  for (const clock of list.querySelectorAll(".clock")) clock.textContent = now;
  nobody.hidden = phones.length > 0;
  focusAgain();
}

async function read() {
  try {
    const answer = await fetch(list.dataset.source);
    draw(await answer.json());
    offline.hidden = true;
  } catch {
    offline.hidden = false;
  }
}

async function refresh() {
  await read();
  setTimeout(refresh, 1000);
}

async function control(path, body) {
  const headers = { "Content-Type": "application/json" };
  const answer = await fetch(`/_control/${path}`, { method: "POST", headers, body: JSON.stringify(body) }).catch(() => null);
  refused.hidden = answer?.ok === true;
  await read();
  return refused.hidden;
}

const numberOf = (element) => element.closest(".handset").dataset.number;

list.addEventListener("submit", async (event) => {
  event.preventDefault();
  const field = event.target.elements.text;
  const text = field.value;
  field.value = "";
  const number = numberOf(field);
  if (await control("mo", { number, text })) return;
  const now = list.querySelector(`[data-number="${number}"] [name=text]`);
  if (now && !now.value) now.value = text;
});

list.addEventListener("click", ({ target }) => {
  const button = target.closest("button");
  if (button?.dataset.say) control("mo", { number: numberOf(button), text: button.dataset.say });
  if (button?.dataset.tap) {
    const chosen = button.closest(".handset").querySelector("[name=device]").value;
    control("click", { code: button.dataset.code, ...(button.dataset.tap === "robot" ? NO_DEVICE : JSON.parse(chosen)) });
  }
});

list.addEventListener("animationend", (event) => event.target.closest(".handset")?.classList.remove("new"));
for (const article of list.children) toBottom(article);
refresh();
