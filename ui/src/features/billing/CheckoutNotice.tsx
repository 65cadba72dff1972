/** How the payment provider sent somebody back. */
export interface CheckoutSearch {
  checkout?: "done" | "cancelled";
  purchase?: string;
}

export function checkoutSearch(given: Record<string, unknown>): CheckoutSearch {
  const { checkout, purchase } = given;
  if (checkout !== "done" && checkout !== "cancelled") return {};
  return { checkout, ...(typeof purchase === "string" ? { purchase } : {}) };
}

/** What became of a payment, as far as the browser knows: the credit comes with the provider's message. */
export function CheckoutNotice({ checkout }: Pick<CheckoutSearch, "checkout">) {
  if (!checkout) return null;
  return (
    <div role="status" className="rounded-lg border border-line bg-accent-soft px-4 py-3">
      {checkout === "done"
        ? "Thank you. The credit is here as soon as the payment provider says so, mostly within a minute; see Purchases below."
        : "The payment was cancelled, and nothing was charged."}
    </div>
  );
}
