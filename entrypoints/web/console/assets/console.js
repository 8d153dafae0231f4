// Updates the page by asking for the same page again: the server makes all of it, with and without this file.
const $ = (id) => document.getElementById(id);
const root = document.documentElement;
const EVERY = 1_000 * root.dataset.every, STALE = EVERY + 9_000, LONGEST = 15_000;
let last = Date.now(), verdict = $("verdict-word")?.textContent, timer = 0, halted = false, failed = 0;

function announce(text) {
  $("status").textContent = text;
}

// A sheet that is being read or filled in stays as it is: the server refuses its order if the state has changed.
function inUse(node) {
  return node.className === "sheet" && (node.contains(document.activeElement)
    || [...node.querySelectorAll("input")].some((field) => field.value !== field.defaultValue));
}

// Name of an element among its siblings; those without one are the same if their place is.
function key(node) {
  const labels = node.attributes?.["aria-labelledby"] ?? node.attributes?.href;
  return node.id || node.dataset?.key || labels?.value || "";
}

function isSame(node, fresh) {
  return node.nodeName === fresh.nodeName && key(node) === key(fresh);
}

// Changes an element into its fresh state: what remains keeps its focus, typed text, open details and scroll position.
function merge(node, fresh) {
  if (node.isEqualNode(fresh) || inUse(node)) return;
  if (!node.attributes) return void (node.data = fresh.data);
  for (const { name } of [...node.attributes]) if (!fresh.hasAttribute(name) && name !== "open") node.removeAttribute(name);
  for (const { name, value } of fresh.attributes) if (node.getAttribute(name) !== value) node.setAttribute(name, value);
  let next = node.firstChild;
  for (const child of [...fresh.childNodes]) {
    let same = next;
    while (same && key(child) && !isSame(same, child)) same = same.nextSibling;
    if (same && isSame(same, child)) {
      drop(next, same);
      merge(same, child);
      next = same.nextSibling;
    } else node.insertBefore(child, next);
  }
  drop(next, null);
}

// Removes siblings from a node up to another, but no answer to a form.
function drop(node, end) {
  while (node !== end) {
    const after = node.nextSibling;
    if (node.role !== "alert") node.remove();
    node = after;
  }
}

// What a page has only with this script.
function equip(page) {
  for (const button of page.querySelectorAll("[data-copy]")) button.hidden = !navigator.clipboard;
  for (const slider of page.querySelectorAll("[data-for]")) slider.hidden = false;
  // Only the browser has the address as clients see it, behind any proxy.
  for (const address of page.querySelectorAll("[data-address]")) {
    address.textContent = new URL(address.dataset.address, location.href);
  }
}

function take(fresh) {
  const word = fresh.getElementById("verdict-word")?.textContent, age = fresh.getElementById("fresh")?.textContent;
  const focused = document.activeElement;
  equip(fresh);
  for (const part of ["nav", "main", "footer"]) merge(document.querySelector(part), fresh.querySelector(part));
  if (!focused.isConnected) $("main").focus({ preventScroll: true });
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

document.addEventListener("click", async ({ target }) => {
  const copied = target.closest("[data-copy]")?.dataset.copy;
  if (!copied) return;
  await navigator.clipboard.writeText($(copied).textContent);
  announce("Copied.");
});

equip(document);
// The answer to a form has the address of its page from here on.
if (root.dataset.page) history.replaceState(null, "", root.dataset.page);

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
