// Starts Swagger UI on our own document, and keeps the access token of a log-in made on the page.
"use strict";

const SIGN_IN = /\/api\/auth\/(login|register|refresh)\/?$/;

function keepToken(response) {
  if (response.ok && SIGN_IN.test(response.url) && response.body && response.body.access) {
    ui.authActions.authorize({
      bearer: {
        name: "bearer",
        schema: { type: "http", scheme: "bearer" },
        value: response.body.access,
      },
    });
  }
  return response;
}

const ui = SwaggerUIBundle({
  url: "/api/openapi.json",
  dom_id: "#docs",
  deepLinking: true,
  displayRequestDuration: true,
  defaultModelsExpandDepth: 0,
  docExpansion: "list",
  filter: true,
  persistAuthorization: false,
  tryItOutEnabled: false,
  validatorUrl: null,
  withCredentials: true,
  responseInterceptor: keepToken,
});
window.ui = ui;
