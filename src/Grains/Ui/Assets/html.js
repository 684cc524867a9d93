// Preact with htm's templates. Text is always a child or a property, never HTML: there is no other way to set it here.
import { h, render } from "preact";
import htm from "htm";

export const html = htm.bind(h);
export { render };
