throw new Error('@auth/next is for the server: import it in no client component; use @auth/client in the browser')
