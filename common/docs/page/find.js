// The contents beside Swagger UI, and the search in them and in the operations by path and summary.
"use strict";

const METHODS = ["get", "put", "post", "patch", "delete"];
const findField = document.getElementById("find");
const contents = document.getElementById("contents");
const narrow = window.matchMedia("(max-width: 900px)");

function textOf(method, path, operation) {
  return `${method} ${path} ${operation.summary} ${operation.operationId}`.toLowerCase();
}

function matches(text, phrase) {
  return phrase.toLowerCase().split(/\s+/).every((word) => text.includes(word));
}

// Replaces Swagger UI's own filter, which knows only the names of tags.
function FindOperations() {
  return {
    fn: {
      opsFilter: (tagged, phrase) =>
        tagged
          .map((tag) =>
            tag.update("operations", (operations) =>
              operations.filter((each) =>
                matches(textOf(each.get("method"), each.get("path"), each.get("operation").toJS()), phrase),
              ),
            ),
          )
          .filter((tag) => tag.get("operations").size > 0),
    },
  };
}

function element(name, properties, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

function link(tag, method, path, operation) {
  const target = `#/${encodeURIComponent(tag)}/${operation.operationId}`;
  const name = element("span", { className: `method ${method}`, textContent: method.toUpperCase() });
  const made = element("a", { href: target, title: path }, name, element("span", { textContent: operation.summary }));
  if (operation.deprecated) {
    made.append(element("em", { textContent: " deprecated" }));
  }
  made.dataset.text = textOf(method, path, operation);
  return element("li", {}, made);
}

function showContents(spec) {
  for (const { name } of spec.tags) {
    const links = [];
    for (const [path, item] of Object.entries(spec.paths)) {
      for (const method of METHODS) {
        if (item[method] && item[method].tags.includes(name)) {
          links.push(link(name, method, path, item[method]));
        }
      }
    }
    contents.append(element("section", {}, element("h2", { textContent: name }), element("ul", {}, ...links)));
  }
}

function find(ui) {
  const phrase = findField.value.trim();
  ui.layoutActions.updateFilter(phrase || true);
  let count = 0;
  for (const each of contents.querySelectorAll("a")) {
    const isFound = matches(each.dataset.text, phrase);
    each.parentElement.hidden = !isFound;
    count += isFound ? 1 : 0;
  }
  for (const section of contents.children) {
    section.hidden = !section.querySelector("li:not([hidden])");
  }
  document.getElementById("found").textContent = phrase ? `${count} found` : "";
}

// A link in the contents opens its operation, which Swagger UI does only when the page is loaded.
function openLinked(ui) {
  const [, tag, id] = decodeURIComponent(window.location.hash).split("/");
  if (!id) {
    return;
  }
  ui.layoutActions.show(["operations", tag, id], true);
  window.requestAnimationFrame(() => {
    const block = document.getElementById(`operations-${tag.replaceAll(" ", "_")}-${id}`);
    if (block) {
      block.scrollIntoView();
    }
  });
}

function startFinding(ui, spec) {
  showContents(spec);
  document.getElementById("fold").open = !narrow.matches;
  findField.addEventListener("input", () => find(ui));
  contents.addEventListener("click", (event) => {
    if (event.target.closest("a")) {
      window.setTimeout(() => openLinked(ui));
      document.getElementById("fold").open = !narrow.matches;
    }
  });
}
