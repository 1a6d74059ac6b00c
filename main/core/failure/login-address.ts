/** Whether an address looks like a page to sign in at: by its words, since nothing else is known of it. A guess, for words only. */

const loginWord =
  /^(log-?[io]n(-page)?|sign-?in|sso|saml2?|adfs|idp|oauth2?|openid|authorize|(captive|guest)?-?portal|hotspot)$/;

/**
 * @param address origin and path; "" is none
 * @returns true for `https://login.example/`, `/users/sign_in`, `http://portal.hotel.example/guest`
 */
export function looksLikeLogin(address: string): boolean {
  const words = address
    .toLowerCase()
    .replace(/^https?:\/\//, "")
    .replaceAll("_", "-")
    .split(/[/.:]+/);
  return words.some((word) => loginWord.test(word));
}
