// The API's page: Swagger UI over the portal's own document, nothing fetched elsewhere.
const place = document.querySelector("[data-swagger]");
const dress = () => document.documentElement.classList.toggle("dark-mode", document.documentElement.dataset.theme === "dark");
dress();
new MutationObserver(dress).observe(document.documentElement, { attributeFilter: ["data-theme"] });
window.SwaggerUIBundle({
  url: place.dataset.swagger,
  domNode: place,
  deepLinking: true,
  docExpansion: "none",
  validatorUrl: null,
  requestInterceptor: (request) => { request.headers["X-CSRFToken"] = place.dataset.csrf; return request; },
});
