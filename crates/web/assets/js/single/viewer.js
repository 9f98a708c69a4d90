// Starts the viewer with the definition that stands in the page. It loads nothing by itself.
const dark = document.documentElement.dataset.theme === "dark" ||
  (document.documentElement.dataset.theme === "system" && matchMedia("(prefers-color-scheme: dark)").matches);
document.documentElement.classList.toggle("dark-mode", dark);
const ui = SwaggerUIBundle({
  dom_id: "#viewer",
  spec: {},
  deepLinking: false,
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  persistAuthorization: false,
  validatorUrl: null,
  syntaxHighlight: { activated: true },
});
ui.specActions.updateUrl("");
ui.specActions.updateSpec(document.getElementById("definition").textContent);
