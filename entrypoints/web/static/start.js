// Shows the document of the server that this page came from. A key stays in the memory of this page.
"use strict";

const form = document.getElementById("key");
const trouble = document.getElementById("trouble");

function say(text) {
  trouble.textContent = text;
  trouble.hidden = !text;
}

function show(described, key) {
  form.hidden = true;
  const interface_ = SwaggerUIBundle({
    spec: described,
    domNode: document.getElementById("document"),
    presets: [SwaggerUIBundle.presets.apis],
    layout: "BaseLayout",
    docExpansion: "list",
    defaultModelsExpandDepth: 0,
    displayRequestDuration: true,
    tryItOutEnabled: true,
    validatorUrl: null,
    onComplete: () => key && interface_.preauthorizeApiKey("key", key),
  });
}

async function openDocument(key) {
  say("");
  let answer;
  try {
    answer = await fetch("openapi.json", { headers: key ? { "X-API-Key": key } : {}, cache: "no-store" });
  } catch {
    return say("The server does not answer.");
  }
  if (answer.ok) return show(await answer.json(), key);
  const refused = answer.status === 401 || answer.status === 403;
  form.hidden = !refused;
  if (!refused) return say(`The server has no document at this moment (${answer.status}).`);
  if (key) return say("The server does not take this key.");
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  openDocument(form.querySelector("input").value);
});

openDocument();
