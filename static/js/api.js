// The API's pages: Swagger UI and Redoc over the portal's own document, nothing fetched elsewhere.
const swagger = document.querySelector("[data-swagger]");
if (swagger) window.SwaggerUIBundle({
  url: swagger.dataset.swagger,
  domNode: swagger,
  deepLinking: true,
  docExpansion: "none",
  validatorUrl: null,
  requestInterceptor: (request) => { request.headers["X-CSRFToken"] = swagger.dataset.csrf; return request; },
});
const redoc = document.querySelector("[data-redoc]");
if (redoc) window.Redoc.init(redoc.dataset.redoc, { disableSearch: true, hideDownloadButton: true, theme: { typography: { fontFamily: "system-ui, sans-serif", headings: { fontFamily: "system-ui, sans-serif" } } } }, redoc);
