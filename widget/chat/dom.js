/** Building and finding elements. Text only ever becomes a text node, so nothing that anybody typed is read as markup. */

/**
 * @param {string} name
 * @returns {any} the element that the document has for this part of the chat
 */
export function part(name) {
  return document.getElementById(`chat-${name}`);
}

/**
 * @param {string} tag
 * @param {string} [className]
 * @param {...(Node | string)} children
 * @returns {any} the element
 */
export function el(tag, className = "", ...children) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.append(...children);
  return element;
}

/**
 * @param {"chat" | "person" | "check" | "clock" | "warning"} name of a drawing in the document
 * @returns {Node} a copy of it; assistive technology passes over it
 */
export function icon(name) {
  return /** @type {Element} */ (document.querySelector(`.i-${name}`)).cloneNode(true);
}

/**
 * Write a text where it differs, so that nothing is announced twice.
 * @param {Element} element
 * @param {string} text
 */
export function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
