// Show an error when a key was not used: refused, missing, or unknown to this browser.
document.addEventListener("allauth.error", (event) => {
  const message = document.getElementById("key-error");
  if (!message) return;
  event.preventDefault();
  message.hidden = false;
});
