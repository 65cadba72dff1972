/** The envelope in which the server refuses: OpenAI's, with a remedy (docs/reference/errors.md). */
export interface ErrorBody {
  error?: {
    message?: string;
    code?: string | number | null;
    param?: string | null;
    metadata?: Record<string, unknown> & { remedy?: string };
  };
}

/** What the server refused, or that it could not be reached. */
export class ApiError extends Error {
  constructor(
    message: string,
    /** HTTP status; 0 when there was no answer. */
    readonly status: number,
    readonly code: string,
    /** What to do about it; may be empty. */
    readonly remedy: string,
    /** The field of the request that is wrong, where it is one. */
    readonly param: string | null,
    readonly requestId: string | null,
    readonly metadata: Record<string, unknown>,
  ) {
    super(message);
    this.name = "ApiError";
  }

  static of(response: Response, body: ErrorBody | undefined): ApiError {
    const error = typeof body === "object" && body !== null ? body.error : undefined;
    const metadata = error?.metadata ?? {};
    return new ApiError(
      error?.message ?? `The server answered with ${response.status}`,
      response.status,
      String(error?.code ?? response.status),
      typeof metadata.remedy === "string" ? metadata.remedy : "",
      error?.param ?? null,
      response.headers.get("x-request-id"),
      metadata,
    );
  }

  static unreachable(cause: unknown): ApiError {
    const why = cause instanceof Error && cause.name === "AbortError" ? "aborted" : "unreachable";
    return new ApiError(
      "The server cannot be reached",
      0,
      why,
      "Check that it runs and that you are online; then try again.",
      null,
      null,
      {},
    );
  }

  /** Whether whoever asks has to log in (again). */
  get isSignedOut(): boolean {
    return this.status === 401;
  }
}

/** Any thrown thing as an `ApiError`, so that one screen can show them all. */
export function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new ApiError(
    message,
    0,
    "client_error",
    "Reload the page; tell whoever runs this server if it stays.",
    null,
    null,
    {},
  );
}
