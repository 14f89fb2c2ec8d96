/** Keeps a colour that is typed and the same colour in the browser's own picker in step. */

const WRITTEN = /^#[0-9a-f]{6}$/i;

/** Start for every such pair of the page. */
export function startColours() {
  for (const pair of document.querySelectorAll("[data-colour]")) {
    const [typed, picker] = pair.querySelectorAll("input");
    if (!typed || !picker) continue;
    picker.addEventListener("input", () => {
      typed.value = picker.value;
    });
    typed.addEventListener("input", () => {
      const text = typed.value.trim();
      if (WRITTEN.test(text)) picker.value = text.toLowerCase();
    });
  }
}
