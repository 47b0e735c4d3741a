// Starts Swagger UI on our own document, and stores the access token of a log-in made on the page.
"use strict";

const SIGN_IN = /\/api\/auth\/(login|register|refresh)\/?$/;

function storeToken(response) {
  if (response.ok && SIGN_IN.test(response.url) && response.body && response.body.access) {
    window.ui.authActions.authorize({
      bearer: {
        name: "bearer",
        schema: { type: "http", scheme: "bearer" },
        value: response.body.access,
      },
    });
  }
  return response;
}

function start(spec) {
  window.ui = SwaggerUIBundle({
    spec,
    dom_id: "#docs",
    plugins: [FindOperations],
    deepLinking: true,
    displayRequestDuration: true,
    defaultModelsExpandDepth: 0,
    docExpansion: "list",
    filter: true,
    persistAuthorization: false,
    showCommonExtensions: true,
    tryItOutEnabled: false,
    validatorUrl: null,
    withCredentials: true,
    responseInterceptor: storeToken,
  });
  startFinding(window.ui, spec);
}

fetch("/api/docs/page.json")
  .then((answer) => answer.json())
  .then(start)
  .catch(() => {
    document.getElementById("docs").textContent = "The document cannot be read just now; please reload the page.";
  });
