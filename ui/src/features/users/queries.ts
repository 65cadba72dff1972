import { infiniteQueryOptions } from "@tanstack/react-query";
import { api, must, type Schema } from "~/api/client";

export type User = Schema<"UserLine">;
export type UserChange = Schema<"UserChange">;
export type NewUser = Schema<"NewUserWanted">;

/** Users by name, a page at a time, whose names or addresses hold `text`. */
export const usersQuery = (text: string) =>
  infiniteQueryOptions({
    queryKey: ["users", text],
    queryFn: ({ signal, pageParam }) =>
      must(api.GET("/api/users", { params: { query: { q: text, after: pageParam } }, signal })),
    initialPageParam: "",
    getNextPageParam: (page) => page.next,
  });

export const changeUser = (username: string, change: UserChange) =>
  must(api.PATCH("/api/users/{username}", { params: { path: { username } }, body: change }));

export const makeUser = (user: NewUser) => must(api.POST("/api/users", { body: user }));

/** A link that sets the user's password once. */
export const passwordLink = async (username: string): Promise<string> =>
  (await must(api.POST("/api/users/{username}/reset-link", { params: { path: { username } } }))).url;
