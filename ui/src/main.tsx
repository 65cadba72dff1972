import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { queryClient } from "./api/queries";
import { Toasts } from "./components/Toasts";
import { router } from "./router";
import "./styles.css";

// The server was updated while this page was open: the parts it knows are gone, so it starts anew, once a minute at most.
window.addEventListener("vite:preloadError", () => {
  const last = Number(sessionStorage.getItem("weft.reloaded") ?? 0);
  if (Date.now() - last < 60_000) return;
  sessionStorage.setItem("weft.reloaded", String(Date.now()));
  window.location.reload();
});

const root = document.getElementById("root");
if (!root) throw new Error("index.html has no #root");
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={queryClient}>
      <RouterProvider router={router} />
      <Toasts />
    </QueryClientProvider>
  </StrictMode>,
);
