// Says on the page when a key was not used: refused, not there, or not known to this browser.
document.addEventListener("allauth.error", (event) => {
  const said = document.getElementById("keys-said");
  if (!said) return;
  event.preventDefault();
  said.hidden = false;
});
