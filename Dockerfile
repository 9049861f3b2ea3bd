# Inlet as a container: the pinned Node, what it needs at run time, and nothing that builds it.
#
#   docker build -t inlet .
#   docker run -d --read-only --tmpfs /tmp --stop-timeout 90 -p 8443:8443 \
#     -v /etc/inlet:/etc/inlet:ro -v inlet-data:/var/lib/inlet inlet
#
# docs/guides/running.md says what each of these is for. `npm run test:container` does what stands
# here without a Docker daemon, and runs the outcome.

# The same version as devDependencies.node in package.json.
ARG NODE=26.10.0

FROM node:${NODE}-bookworm-slim AS build
WORKDIR /opt/inlet
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json ./
COPY src src
RUN npm run build

FROM node:${NODE}-bookworm-slim AS modules
WORKDIR /opt/inlet
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund

FROM node:${NODE}-bookworm-slim
ENV NODE_ENV=production
WORKDIR /opt/inlet
COPY package.json LICENSE ./
COPY bin bin
COPY samples samples
COPY --from=modules /opt/inlet/node_modules node_modules
COPY --from=build /opt/inlet/dist dist
# Journal and lake. A named volume that is mounted here for the first time takes over the owner.
RUN install -d -o 10001 -g 10001 -m 0700 /var/lib/inlet
VOLUME /var/lib/inlet
# A number, so that Kubernetes can tell that it is not root.
USER 10001:10001
EXPOSE 8443
# Node ends its children and itself in order: no init is needed in front of it.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=3 \
  CMD ["node", "/opt/inlet/bin/inlet.js", "health", "--config", "/etc/inlet/inlet.yaml"]
ENTRYPOINT ["node", "/opt/inlet/bin/inlet.js"]
CMD ["run", "--config", "/etc/inlet/inlet.yaml"]
