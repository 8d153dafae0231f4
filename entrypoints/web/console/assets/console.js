// Updates the page by asking for the same page again: the server makes all of it, with and without this file.
const $ = (id) => document.getElementById(id);
const root = document.documentElement;
const EVERY = 1_000 * root.dataset.every, STALE = EVERY + 9_000, LONGEST = 15_000;
let last = Date.now(), verdict = $("verdict-word")?.textContent, timer = 0, halted = false, failed = 0;

function announce(text) {
  $("status").textContent = text;
}

function inUse(piece) {
  return piece.contains(document.activeElement) || piece.querySelector("details[open]");
}

function take(fresh) {
  const word = fresh.getElementById("verdict-word")?.textContent, age = fresh.getElementById("fresh")?.textContent;
  for (const piece of document.querySelectorAll("[data-live]")) {
    const other = fresh.getElementById(piece.id);
    if (!other || inUse(piece) || other.outerHTML === piece.outerHTML) continue;
    piece.className = other.className;
    piece.replaceChildren(...document.adoptNode(other).childNodes);
  }
  // A screen reader repeats the first sentence only if it has changed.
  if (word && word !== verdict) announce(word);
  verdict = word ?? verdict;
  document.title = fresh.title;
  if (age) $("fresh").textContent = age;
  last = Date.now();
}

async function load(address, signal) {
  const response = await fetch(address, { cache: "no-store", redirect: "error", signal });
  if (!response.ok) throw new Error(response.status);
  take(new DOMParser().parseFromString(await response.text(), "text/html"));
}

async function refresh() {
  clearTimeout(timer);
  if (halted || document.hidden) return;
  try {
    await load(location.href, AbortSignal.timeout(4000));
    failed = 0;
  } catch {
    failed += 1;
  }
  showAge();
  // Slower after each failure, and pages that were opened together do not stay together.
  timer = setTimeout(refresh, Math.min(EVERY * 2 ** failed, LONGEST) * (0.9 + 0.2 * Math.random()));
}

function showAge() {
  const silent = !halted && Date.now() - last > STALE;
  root.toggleAttribute("data-stale", silent);
  if (silent) $("fresh").textContent = `No response for ${Math.round((Date.now() - last) / 1000)} s: the figures are old.`;
}

for (const button of document.querySelectorAll("[data-copy]")) {
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText($(button.dataset.copy).textContent);
    announce("Copied.");
  });
}

// Only the browser has the address as clients see it, behind any proxy.
for (const address of document.querySelectorAll("[data-address]")) {
  address.textContent = new URL(address.dataset.address, location.href);
}

// A form of fields whose answer is part of the same page: each input asks for the page with other values.
const form = document.querySelector("form[data-now]");
let waiting = 0, asking = null;

async function ask() {
  if (!form.checkValidity()) return;
  const address = `?${new URLSearchParams(new FormData(form))}`;
  asking?.abort();
  asking = new AbortController();
  try {
    await load(address, asking.signal);
    history.replaceState(null, "", address);
  } catch (error) {
    if (error.name !== "AbortError") announce("The server does not answer.");
  }
}

if (form) {
  form.addEventListener("submit", (event) => { event.preventDefault(); ask(); });
  form.addEventListener("input", (event) => {
    const slider = form.querySelector(`[data-for="${event.target.id}"]`), field = $(event.target.dataset.for);
    if (slider) slider.value = event.target.value;
    if (field) field.value = event.target.value;
    clearTimeout(waiting);
    waiting = setTimeout(ask, 80);
  });
  form.addEventListener("change", () => setTimeout(() => announce(document.title), 600));
  for (const slider of form.querySelectorAll("[data-for]")) slider.hidden = false;
}

if (location.hash === "#act") $("act")?.focus();

if ($("halt")) {
  $("halt").hidden = $("often").hidden = false;
  const often = $("often").textContent;
  $("halt").addEventListener("click", () => {
    halted = !halted;
    $("halt").setAttribute("aria-pressed", halted);
    $("often").textContent = halted ? "not updated" : often;
    showAge();
    if (!halted) refresh();
  });
  document.addEventListener("visibilitychange", refresh);
  timer = setTimeout(refresh, EVERY);
  setInterval(showAge, 1000);
}
