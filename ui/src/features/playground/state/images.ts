/** Pictures in messages: which ones are taken, how large, and as what they travel. */

export const IMAGE_TYPES = ["image/png", "image/jpeg", "image/webp", "image/gif"] as const;
export const MAX_IMAGES_PER_CHAT = 16;
export const MAX_IMAGE_BYTES = 10 * 1024 * 1024;
/** Of all pictures of one chat together: the server takes bodies of 20 MiB, and base64 needs a third more. */
export const MAX_IMAGES_BYTES = 14 * 1024 * 1024;

const DATA_URL = /^data:image\/(?:png|jpe?g|webp|gif);base64,[A-Za-z0-9+/]+={0,2}$/;

/** Whether `url` is a picture that may be shown and sent: nothing but data, so that no address is ever fetched. */
export function isImageUrl(url: string): boolean {
  return url.length <= MAX_IMAGE_BYTES * 1.4 && DATA_URL.test(url);
}

export function imageBytes(url: string): number {
  const data = url.length - url.indexOf(",") - 1;
  return Math.floor((data * 3) / 4);
}

/** Why a file cannot be attached beside the pictures that are there already; null where it can. */
export function imageProblem(
  file: { readonly name: string; readonly type: string; readonly size: number },
  attached: readonly string[],
): string | null {
  const name = file.name || "The picture";
  if (!IMAGE_TYPES.some((type) => type === file.type))
    return `${name} is not a PNG, JPEG, WebP or GIF image.`;
  if (file.size === 0) return `${name} is empty.`;
  if (file.size > MAX_IMAGE_BYTES) return `${name} is larger than 10 MB; send a smaller image.`;
  if (attached.length >= MAX_IMAGES_PER_CHAT) return `A chat holds at most ${MAX_IMAGES_PER_CHAT} images.`;
  const together = attached.reduce((sum, url) => sum + imageBytes(url), file.size);
  if (together > MAX_IMAGES_BYTES) return `With ${name} the images would be larger than 14 MB together.`;
  return null;
}

/** The file as a `data:` URL. */
export async function readImage(file: Blob): Promise<string> {
  const { promise, resolve, reject } = deferred<string>();
  const reader = new FileReader();
  reader.onload = () => resolve(String(reader.result));
  reader.onerror = () => reject(reader.error ?? new Error("The image could not be read."));
  reader.readAsDataURL(file);
  return promise;
}

function deferred<T>(): {
  promise: Promise<T>;
  resolve: (value: T) => void;
  reject: (error: Error) => void;
} {
  let resolve: (value: T) => void = () => undefined;
  let reject: (error: Error) => void = () => undefined;
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}
