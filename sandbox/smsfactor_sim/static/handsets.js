// Keeps the handsets up to date: reads them once a second and redraws only the phones that changed.
const list = document.getElementById("phones");
const nobody = document.getElementById("nobody");
const offline = document.querySelector(".offline");

function toBottom(article) {
  const thread = article.querySelector(".thread");
  thread.scrollTop = thread.scrollHeight;
}

function draw({ now, phones }) {
  const known = new Map([...list.children].map((article) => [article.dataset.number, article]));
  const wanted = phones.map((phone) => {
    const article = known.get(phone.number) ?? document.createElement("article");
    if (article.dataset.version !== phone.version) {
      article.className = "handset new";
      article.dataset.number = phone.number;
      article.dataset.version = phone.version;
      article.innerHTML = phone.html;
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
}

async function refresh() {
  try {
    const answer = await fetch(list.dataset.source);
    draw(await answer.json());
    offline.hidden = true;
  } catch {
    offline.hidden = false;
  }
  setTimeout(refresh, 1000);
}

list.addEventListener("animationend", (event) => event.target.closest(".handset")?.classList.remove("new"));
for (const article of list.children) toBottom(article);
refresh();
