# wakegate in a container, at a microphone of the machine:
#
#   docker build --tag wakegate .
#   docker run --name wakegate --device /dev/snd --group-add audio --publish 127.0.0.1:8765:8765 wakegate
#   docker exec wakegate wakegate status
#   docker exec wakegate cat /var/lib/wakegate/token    # which requests from outside the container must carry
#
# Settings come from WAKEGATE_* variables, or from a file: --volume ./wakegate.yaml:/etc/wakegate.yaml:ro
# --env WAKEGATE_CONFIG=/etc/wakegate.yaml. What is changed while it runs is kept in /var/lib/wakegate.

FROM node:22-slim AS build
WORKDIR /build
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.json ./
COPY scripts scripts
COPY src src
COPY bench bench
COPY test test
RUN npx tsc -p . && node scripts/bundle.js && node scripts/dashboard.js && npm prune --omit=dev --ignore-scripts --no-audit --no-fund

FROM node:22-slim
RUN apt-get update \
  && apt-get install --yes --no-install-recommends alsa-utils libasound2-plugins \
  && rm -rf /var/lib/apt/lists/* \
  && install --directory --owner=node --group=node --mode=1777 /var/lib/wakegate
WORKDIR /opt/wakegate
COPY --from=build /build/package.json ./
COPY --from=build /build/node_modules node_modules
COPY --from=build /build/dist/src dist/src
COPY models models
COPY samples samples
RUN chmod 755 dist/src/cli/main.cjs && ln -s /opt/wakegate/dist/src/cli/main.cjs /usr/local/bin/wakegate
# As src/process-settings.ts has it: what the classifier held goes back to the system when it sleeps.
# All addresses, or --publish would reach nothing; so there must be a token, which is made at the first start.
ENV NODE_ENV=production \
  MALLOC_ARENA_MAX=1 \
  MALLOC_MMAP_THRESHOLD_=65536 \
  MALLOC_TRIM_THRESHOLD_=65536 \
  STATE_DIRECTORY=/var/lib/wakegate \
  WAKEGATE_HOST=0.0.0.0 \
  WAKEGATE_MAKE_TOKEN=on
USER node
VOLUME /var/lib/wakegate
EXPOSE 8765
# Fails where nothing can be heard: a microphone that is lost makes it unhealthy, and heals by itself. It finds port and token in the
# settings, as the daemon does.
HEALTHCHECK --interval=60s --timeout=10s --start-period=20s \
  CMD ["node", "dist/src/cli/main.cjs", "status", "--ready"]
ENTRYPOINT ["node", "dist/src/cli/main.cjs"]
CMD ["run", "--input", "mic"]
