// Shows the document of the server that sent this page. A key stays in the memory of this page.
"use strict";

const form = document.getElementById("key");
const trouble = document.getElementById("trouble");

function showTrouble(text) {
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
  showTrouble("");
  let response;
  try {
    response = await fetch("openapi.json", { headers: key ? { "X-API-Key": key } : {}, cache: "no-store" });
  } catch {
    return showTrouble("The server does not response.");
  }
  if (response.ok) return show(await response.json(), key);
  const refused = response.status === 401 || response.status === 403;
  form.hidden = !refused;
  if (!refused) return showTrouble(`The server has no document at this moment (${response.status}).`);
  if (key) return showTrouble("The server does not take this key.");
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  openDocument(form.querySelector("input").value);
});

openDocument();
