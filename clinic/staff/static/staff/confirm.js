/** Asks before a form with `data-confirm` is sent. */

/** Hold such forms back until somebody says yes. */
export function startConfirming() {
  const dialog = document.getElementById("confirm");
  const text = document.getElementById("confirm-text");
  if (!(dialog instanceof HTMLDialogElement) || !text) return;
  /** @type {HTMLFormElement | null} */
  let agreed = null;
  document.addEventListener(
    "submit",
    (event) => {
      const form = event.target;
      if (!(form instanceof HTMLFormElement)) return;
      const button = event.submitter;
      const question = button?.dataset.confirm ?? form.dataset.confirm;
      if (!question || agreed === form) {
        agreed = null;
        return;
      }
      event.preventDefault();
      event.stopImmediatePropagation();
      text.textContent = question;
      dialog.returnValue = "";
      dialog.addEventListener(
        "close",
        () => {
          if (dialog.returnValue !== "yes") return;
          // News may have drawn the form anew meanwhile.
          const now = form.isConnected ? form : document.getElementById(form.id);
          if (!(now instanceof HTMLFormElement)) return;
          agreed = now;
          now.requestSubmit(now === form ? button : null);
        },
        { once: true },
      );
      dialog.showModal();
    },
    { capture: true },
  );
}
