import { createFileRoute } from "@tanstack/react-router";
import { Authorize } from "~/features/keys/Authorize";

export const Route = createFileRoute("/_console/authorize")({ component: Authorize });
