// A real web server for `make run` and the tests: Debian's nginx, which answers with the name of its pod.

import type { ImageRecipe } from "../../build/images/recipe.ts";

const configuration = `daemon off;
worker_processes 1;
pid /tmp/nginx.pid;
error_log stderr;
events { worker_connections 256; }
http {
  access_log off;
  client_body_temp_path /tmp/body;
  proxy_temp_path /tmp/proxy;
  fastcgi_temp_path /tmp/fastcgi;
  uwsgi_temp_path /tmp/uwsgi;
  scgi_temp_path /tmp/scgi;
  default_type text/plain;
  server {
    listen 8080;
    listen [::]:8080;
    location / { return 200 "nginx on $hostname greets $remote_addr\\n"; }
  }
}
`;

export const web: ImageRecipe = {
  ref: "localhost/k0s/web:1",
  layers: [
    {
      name: "nginx",
      entries: [
        { kind: "debian", packages: ["nginx"], programs: ["/usr/sbin/nginx"] },
        { kind: "text", path: "/etc/nginx/nginx.conf", text: configuration },
        {
          kind: "text",
          path: "/etc/passwd",
          text: "root:x:0:0:root:/:/none\nnobody:x:65534:65534:nobody:/:/none\n",
        },
        { kind: "text", path: "/etc/group", text: "root:x:0:\nnogroup:x:65534:\n" },
        { kind: "directory", path: "/tmp", mode: 0o1777 },
        { kind: "directory", path: "/var/log/nginx", uid: 65534 },
      ],
    },
  ],
  config: { entrypoint: ["/usr/sbin/nginx", "-e", "stderr"], user: "65534:65534" },
};
