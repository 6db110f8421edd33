// Made by scripts/embed. Change the documents, not this file.

/// What is served out of the binary.
package enum Documents {
    /// The page.
    package static let page = ###"""
<!doctype html><title>rktlet</title>

"""###

    /// The description of the API, OpenAPI 3.1.
    package static let openAPI = ###"""
# The API of the gateway. It is part of the binary: scripts/embed puts it there.
openapi: 3.1.0
info:
  title: rktlet gateway
  version: 0.1.0
  summary: A node's pods, for people.
  license:
    name: Apache-2.0
    identifier: Apache-2.0
  description: |
    The use-cases of the Container Runtime Interface as a JSON API. Names are those of the CRI's JSON mapping; requests are also taken with the names of the proto (`log_directory`) and as YAML. 64-bit numbers are strings, bytes are base64, null is the same as absent, unknown fields and unknown query parameters are refused.
servers:
- url: http://localhost
  description: curl --unix-socket /run/rktlet/gateway.sock http://localhost/v1/pods
- url: http://127.0.0.1:{port}
  description: With --gateway tcp://127.0.0.1:PORT.
  variables:
    port:
      default: '8282'
tags:
- name: runtime
  description: The runtime itself
- name: pods
  description: Pod sandboxes
- name: containers
  description: Containers, their commands and logs
- name: images
  description: Images
- name: stats
  description: Resource use
- name: events
  description: What happens
- name: health
  description: Health and metrics
- name: documents
  description: The page and this document
paths:
  /v1/version:
    get:
      tags:
      - runtime
      operationId: version
      summary: Who answers
      responses:
        '200':
          description: The version.
          content:
            application/json:
              schema:
                $ref: '#/components/schemas/Version'
              example:
                version: 0.1.0
                runtimeName: rktlet
                runtimeVersion: 0.1.0
                runtimeApiVersion: v1
        '400':
          $ref: '#/components/responses/Problem400'
        '403':
          $ref: '#/components/responses/Problem403'
        '405':
          $ref: '#/components/responses/Problem405'
        '414':
          $ref: '#/components/responses/Problem414'
        '421':
          $ref: '#/components/responses/Problem421'
        '500':
          $ref: '#/components/responses/Problem500'
        '503':
          $ref: '#/components/responses/Problem503'
  /v1/status:
    get:
      tags:
      - runtime
      operationId: status
      summary: How the runtime is
      parameters:
      - name: verbose
        in: query
        required: false
        description: 'With what this runtime knows beyond the CRI: `info`.'
        schema:
          type: boolean
      responses:
        '200':
          description: Conditions and abilities. What does not work is a condition that says so.
          content:
            application/json:
              schema:
                $ref: '#/components/schemas/Status'
        '400':
          $ref: '#/components/responses/Problem400'
        '403':
          $ref: '#/components/responses/Problem403'
        '405':
          $ref: '#/components/responses/Problem405'
        '414':
          $ref: '#/components/responses/Problem414'
        '421':
          $ref: '#/components/responses/Problem421'
        '500':
          $ref: '#/components/responses/Problem500'
        '503':
          $ref: '#/components/responses/Problem503'
  /v1/config:
    get:
      tags:
      - runtime
      operationId: config
      summary: Who manages cgroups
      responses:
        '200':
          description: The cgroup driver.
          content:
            application/json:
              schema:
                $ref: '#/components/schemas/RuntimeConfig'
              example:
                linux:
                  cgroupDriver: SYSTEMD
        '400':
          $ref: '#/components/responses/Problem400'
        '403':
          $ref: '#/components/responses/Problem403'
        '405':
          $ref: '#/components/responses/Problem405'
        '414':
          $ref: '#/components/responses/Problem414'
        '421':
          $ref: '#/components/responses/Problem421'
        '500':
          $ref: '#/components/responses/Problem500'
        '503':
          $ref: '#/components/responses/Problem503'
    put:
      tags:
      - runtime
      operationId: updateConfig
      summary: Tell the pod range
      requestBody:
        required: true
        content:
          application/json:
            schema:
              $ref: '#/components/schemas/UpdateRuntimeConfig'
            examples:
              range:
                value:
                  runtimeConfig:
                    networkConfig:
                      podCidr: 10.24.0.0/16
          application/yaml:
            schema:
              $ref: '#/components/schemas/UpdateRuntimeConfig'
      responses:
        '200':
          description: Done.
          content:
            application/json:
              schema:
                $ref: '#/components/schemas/Empty'
              example: {}
        '400':
          $ref: '#/components/responses/Problem400'
        '401':
          $ref: '#/components/responses/Problem401'
        '403':
          $ref: '#/components/responses/Problem403'
        '404':
          $ref: '#/components/responses/Problem404'
        '405':
          $ref: '#/components/responses/Problem405'
        '408':
          $ref: '#/components/responses/Problem408'
        '409':
          $ref: '#/components/responses/Problem409'
        '413':
          $ref: '#/components/responses/Problem413'
        '414':
          $ref: '#/components/responses/Problem414'
        '415':
          $ref: '#/components/responses/Problem415'
        '421':
          $ref: '#/components/responses/Problem421'
        '500':
          $ref: '#/components/responses/Problem500'
        '501':
          $ref: '#/components/responses/Problem501'
        '503':
          $ref: '#/components/responses/Problem503'
        '504':
          $ref: '#/components/responses/Problem504'
        '507':
          $ref: '#/components/responses/Problem507'
      security:
      - token: []
      - {}
  /v1/pods:
    get:
      tags:
      - pods
      operationId: listPods
      summary: List pods
      parameters:
      - name: state
        in: query
        required: false
        description: Only pods in this state.
        schema:
          type: string
          enum:
          - SANDBOX_READY
          - SANDBOX_NOTREADY
          - ready
          - notready
      - name: labelSelector
        in: query
        required: false
        description: '`app=web,tier=front`: all of them hold.'
        schema:
          type: string
          pattern: ^[A-Za-z0-9./_-]+=[A-Za-z0-9._-]*(,[A-Za-z0-9./_-]+=[A-Za-z0-9._-]*)*$
        example: app=web
      - name: namespace
        in: query
        required: false
        description: Only pods of this namespace.
        schema:
          type: string
      - name: name
        in: query
        required: false
        description: Only pods of this name.
        schema:
          type: string
      - name: verbose
        in: query
        required: false
        description: 'With what this runtime knows beyond the CRI: `info`.'
        schema:
          type: boolean
      responses:
        '200':
          description: Those that match.
          content:
            application/json:
              schema:
                $ref: '#/components/schemas/PodList'
              example:
                items:
                - id: aaaaaaaa00000000000000000000000000000000000000000000000000000000
                  metadata:
                    name: web
                    uid: web-1
                    namespace: default
                    attempt: 0
                  state: SANDBOX_READY
                  createdAt: '1764108000000000000'
                  labels:
                    app: web
                  annotations: {}
                  runtimeHandler: ''
        '400':
          $ref: '#/components/responses/Problem400'
        '403':
          $ref: '#/components/responses/Problem403'
        '405':
          $ref: '#/components/responses/Problem405'
        '414':
          $ref: '#/components/responses/Problem414'
        '421':
          $ref: '#/components/responses/Problem421'
        '500':
          $ref: '#/components/responses/Problem500'
        '503':
          $ref: '#/components/responses/Problem503'
    post:
      tags:
      - pods
      operationId: createPod
      summary: Make and start a pod
      description: The body is a `RunPodSandboxRequest`, or the `PodSandboxConfig` alone, in JSON or YAML, with names as in `logDirectory` or as in `log_directory`.
        An unknown field is refused. When the client leaves, the pod is undone.
      parameters:
      - name: runtimeHandler
        in: query
        required: false
        description: The runtime handler; beside the config, or in its place in the request.
        schema:
          type: string
      requestBody:
        required: true
        content:
          application/json:
            schema:
              anyOf:
              - $ref: '#/components/schemas/PodConfig'
              - $ref: '#/components/schemas/RunPodRequest'
            examples:
              config:
                value:
                  metadata:
                    name: web
                    uid: web-1
                    namespace: default
                    attempt: 0
                  hostname: web
                  logDirectory: /var/log/pods/default_web_web-1
                  labels:
                    app: web
                  linux: {}
              request:
                value:
                  config:
                    metadata:
                      name: web
                      uid: web-1
                      namespace: default
                      attempt: 0
                    hostname: web
                    logDirectory: /var/log/pods/default_web_web-1
                    labels:
                      app: web
                    linux: {}
                  runtimeHandler: ''
          application/yaml:
            schema:
              anyOf:
              - $ref: '#/components/schemas/PodConfig'
              - $ref: '#/components/schemas/RunPodRequest'
      responses:
        '201':
          description: It is ready. A repeated request with an equal config answers with the same pod.
          content:
            application/json:
              schema:
                $ref: '#/components/schemas/PodCreated'
              example:
                podSandboxId: aaaaaaaa00000000000000000000000000000000000000000000000000000000
          headers:
            Location:
              schema:
                type: string
        '400':
          $ref: '#/components/responses/Problem400'
        '401':
          $ref: '#/components/responses/Problem401'
        '403':
          $ref: '#/components/responses/Problem403'
        '404':
          $ref: '#/components/responses/Problem404'
        '405':
          $ref: '#/components/responses/Problem405'
        '408':
          $ref: '#/components/responses/Problem408'
        '409':
          $ref: '#/components/responses/Problem409'
        '413':
          $ref: '#/components/responses/Problem413'
        '414':
          $ref: '#/components/responses/Problem414'
        '415':
          $ref: '#/components/responses/Problem415'
        '421':
          $ref: '#/components/responses/Problem421'
        '500':
          $ref: '#/components/responses/Problem500'
        '501':
          $ref: '#/components/responses/Problem501'
        '503':
          $ref: '#/components/responses/Problem503'
        '504':
          $ref: '#/components/responses/Problem504'
        '507':
          $ref: '#/components/responses/Problem507'
      security:
      - token: []
      - {}
  /v1/pods/{pod}:
    get:
      tags:
      - pods
      operationId: getPod
      summary: One pod
      parameters:
      - name: pod
        in: path
        required: true
        description: The pod's id, or a beginning of it that no other pod's has.
        schema:
          type: string
          minLength: 1
          maxLength: 64
          pattern: ^[0-9a-f]+$
        example: aaaaaaaa00000000000000000000000000000000000000000000000000000000
      - name: verbose
        in: query
        required: false
        description: 'With what this runtime knows beyond the CRI: `info`.'
        schema:
          type: boolean
      responses:
        '200':
          description: Its status.
          content:
            application/json:
              schema:
                $ref: '#/components/schemas/PodStatusResponse'
        '400':
          $ref: '#/components/responses/Problem400'
        '403':
          $ref: '#/components/responses/Problem403'
        '404':
          $ref: '#/components/responses/Problem404'
        '405':
          $ref: '#/components/responses/Problem405'
        '409':
          $ref: '#/components/responses/Problem409'
        '414':
          $ref: '#/components/responses/Problem414'
        '421':
          $ref: '#/components/responses/Problem421'
        '500':
          $ref: '#/components/responses/Problem500'
        '503':
          $ref: '#/components/responses/Problem503'
    delete:
      tags:
      - pods
      operationId: removePod
      summary: Stop and remove a pod
      parameters:
      - name: pod
        in: path
        required: true
        description: The pod's id, or a beginning of it that no other pod's has.
        schema:
          type: string
          minLength: 1
          maxLength: 64
          pattern: ^[0-9a-f]+$
        example: aaaaaaaa00000000000000000000000000000000000000000000000000000000
      responses:
        '200':
          description: 'It is gone, with its containers. Of a whole id that nothing has: it was gone already.'
          content:
            application/json:
              schema:
                $ref: '#/components/schemas/Empty'
              example: {}
        '400':
          $ref: '#/components/responses/Problem400'
        '401':
          $ref: '#/components/responses/Problem401'
        '403':
          $ref: '#/components/responses/Problem403'
        '404':
          $ref: '#/components/responses/Problem404'
        '405':
          $ref: '#/components/responses/Problem405'
        '409':
          $ref: '#/components/responses/Problem409'
        '414':
          $ref: '#/components/responses/Problem414'
        '421':
          $ref: '#/components/responses/Problem421'
        '500':
          $ref: '#/components/responses/Problem500'
        '501':
          $ref: '#/components/responses/Problem501'
        '503':
          $ref: '#/components/responses/Problem503'
        '504':
          $ref: '#/components/responses/Problem504'
        '507':
          $ref: '#/components/responses/Problem507'
      security:
      - token: []
      - {}
  /v1/pods/{pod}/stop:
    post:
      tags:
      - pods
      operationId: stopPod
      summary: Stop a pod
      parameters:
      - name: pod
        in: path
        required: true
        description: The pod's id, or a beginning of it that no other pod's has.
        schema:
          type: string
          minLength: 1
          maxLength: 64
          pattern: ^[0-9a-f]+$
        example: aaaaaaaa00000000000000000000000000000000000000000000000000000000
      responses:
        '200':
          description: Its containers are dead and its network is detached. May be repeated.
          content:
            application/json:
              schema:
                $ref: '#/components/schemas/Empty'
              example: {}
        '400':
          $ref: '#/components/responses/Problem400'
        '401':
          $ref: '#/components/responses/Problem401'
        '403':
          $ref: '#/components/responses/Problem403'
        '404':
          $ref: '#/components/responses/Problem404'
        '405':
          $ref: '#/components/responses/Problem405'
        '409':
          $ref: '#/components/responses/Problem409'
        '414':
          $ref: '#/components/responses/Problem414'
        '421':
          $ref: '#/components/responses/Problem421'
        '500':
          $ref: '#/components/responses/Problem500'
        '501':
          $ref: '#/components/responses/Problem501'
        '503':
          $ref: '#/components/responses/Problem503'
        '504':
          $ref: '#/components/responses/Problem504'
        '507':
          $ref: '#/components/responses/Problem507'
      security:
      - token: []
      - {}
  /v1/pods/{pod}/containers:
    post:
      tags:
      - containers
      operationId: createContainer
      summary: Make a container in a pod
      description: The body is a `CreateContainerRequest`, or the `ContainerConfig` alone, in JSON or YAML.
      parameters:
      - name: pod
        in: path
        required: true
        description: The pod's id, or a beginning of it that no other pod's has.
        schema:
          type: string
          minLength: 1
          maxLength: 64
          pattern: ^[0-9a-f]+$
        example: aaaaaaaa00000000000000000000000000000000000000000000000000000000
      requestBody:
        required: true
        content:
          application/json:
            schema:
              anyOf:
              - $ref: '#/components/schemas/ContainerConfig'
              - $ref: '#/components/schemas/CreateContainerRequest'
            examples:
              config:
                value:
                  metadata:
                    name: main
                  image:
                    image: docker.io/library/busybox:latest
                  command:
                  - sleep
                  - '1000'
                  logPath: main/0.log
                  envs:
                  - key: GREETING
                    value: aGVsbG8=
              request:
                value:
                  config:
                    metadata:
                      name: main
                    image:
                      image: docker.io/library/busybox:latest
                    command:
                    - sleep
                    - '1000'
                    logPath: main/0.log
                    envs:
                    - key: GREETING
                      value: aGVsbG8=
          application/yaml:
            schema:
              anyOf:
              - $ref: '#/components/schemas/ContainerConfig'
              - $ref: '#/components/schemas/CreateContainerRequest'
      responses:
        '201':
          description: It is created, not started.
          content:
            application/json:
              schema:
                $ref: '#/components/schemas/ContainerCreated'
              example:
                containerId: cccccccc00000000000000000000000000000000000000000000000000000000
          headers:
            Location:
              schema:
                type: string
        '400':
          $ref: '#/components/responses/Problem400'
        '401':
          $ref: '#/components/responses/Problem401'
        '403':
          $ref: '#/components/responses/Problem403'
        '404':
          $ref: '#/components/responses/Problem404'
        '405':
          $ref: '#/components/responses/Problem405'
        '408':
          $ref: '#/components/responses/Problem408'
        '409':
          $ref: '#/components/responses/Problem409'
        '413':
          $ref: '#/components/responses/Problem413'
        '414':
          $ref: '#/components/responses/Problem414'
        '415':
          $ref: '#/components/responses/Problem415'
        '421':
          $ref: '#/components/responses/Problem421'
        '500':
          $ref: '#/components/responses/Problem500'
        '501':
          $ref: '#/components/responses/Problem501'
        '503':
          $ref: '#/components/responses/Problem503'
        '504':
          $ref: '#/components/responses/Problem504'
        '507':
          $ref: '#/components/responses/Problem507'
      security:
      - token: []
      - {}
  /v1/containers:
    get:
      tags:
      - containers
      operationId: listContainers
      summary: List containers
      parameters:
      - name: state
        in: query
        required: false
        description: Only containers in this state.
        schema:
          type: string
          enum:
          - CONTAINER_CREATED
          - CONTAINER_RUNNING
          - CONTAINER_EXITED
          - CONTAINER_UNKNOWN
          - created
          - running
          - exited
          - unknown
      - name: labelSelector
        in: query
        required: false
        description: '`app=web,tier=front`: all of them hold.'
        schema:
          type: string
          pattern: ^[A-Za-z0-9./_-]+=[A-Za-z0-9._-]*(,[A-Za-z0-9./_-]+=[A-Za-z0-9._-]*)*$
        example: app=web
      - name: podSandboxId
        in: query
        required: false
        description: Only containers of this pod; the beginning of its id is enough.
        schema:
          type: string
          pattern: ^[0-9a-f]{1,64}$
      - name: namespace
        in: query
        required: false
        description: Only containers of pods of this namespace.
        schema:
          type: string
      - name: name
        in: query
        required: false
        description: Only containers of this name.
        schema:
          type: string
      - name: verbose
        in: query
        required: false
        description: 'With what this runtime knows beyond the CRI: `info`.'
        schema:
          type: boolean
      responses:
        '200':
          description: Those that match.
          content:
            application/json:
              schema:
                $ref: '#/components/schemas/ContainerList'
              example:
                containers:
                - id: cccccccc00000000000000000000000000000000000000000000000000000000
                  podSandboxId: aaaaaaaa00000000000000000000000000000000000000000000000000000000
                  metadata:
                    name: main
                    attempt: 0
                  image:
                    image: busybox
                    annotations: {}
                    userSpecifiedImage: ''
                    runtimeHandler: ''
                    imageRef: ''
                  imageRef: sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb
                  state: CONTAINER_RUNNING
                  createdAt: '1764108000000000000'
                  labels: {}
                  annotations: {}
                  imageId: sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb
        '400':
          $ref: '#/components/responses/Problem400'
        '403':
          $ref: '#/components/responses/Problem403'
        '404':
          $ref: '#/components/responses/Problem404'
        '405':
          $ref: '#/components/responses/Problem405'
        '409':
          $ref: '#/components/responses/Problem409'
        '414':
          $ref: '#/components/responses/Problem414'
        '421':
          $ref: '#/components/responses/Problem421'
        '500':
          $ref: '#/components/responses/Problem500'
        '503':
          $ref: '#/components/responses/Problem503'
  /v1/containers/{container}:
    get:
      tags:
      - containers
      operationId: getContainer
      summary: One container
      parameters:
      - name: container
        in: path
        required: true
        description: The container's id, or a beginning of it that no other container's has.
        schema:
          type: string
          minLength: 1
          maxLength: 64
          pattern: ^[0-9a-f]+$
        example: cccccccc00000000000000000000000000000000000000000000000000000000
      - name: verbose
        in: query
        required: false
        description: 'With what this runtime knows beyond the CRI: `info`.'
        schema:
          type: boolean
      responses:
        '200':
          description: Its status.
          content:
            application/json:
              schema:
                $ref: '#/components/schemas/ContainerStatusResponse'
        '400':
          $ref: '#/components/responses/Problem400'
        '403':
          $ref: '#/components/responses/Problem403'
        '404':
          $ref: '#/components/responses/Problem404'
        '405':
          $ref: '#/components/responses/Problem405'
        '409':
          $ref: '#/components/responses/Problem409'
        '414':
          $ref: '#/components/responses/Problem414'
        '421':
          $ref: '#/components/responses/Problem421'
        '500':
          $ref: '#/components/responses/Problem500'
        '503':
          $ref: '#/components/responses/Problem503'
    delete:
      tags:
      - containers
      operationId: removeContainer
      summary: Remove a container
      parameters:
      - name: container
        in: path
        required: true
        description: The container's id, or a beginning of it that no other container's has.
        schema:
          type: string
          minLength: 1
          maxLength: 64
          pattern: ^[0-9a-f]+$
        example: cccccccc00000000000000000000000000000000000000000000000000000000
      responses:
        '200':
          description: 'It is gone; one that ran was killed. Of a whole id that nothing has: it was gone already.'
          content:
            application/json:
              schema:
                $ref: '#/components/schemas/Empty'
              example: {}
        '400':
          $ref: '#/components/responses/Problem400'
        '401':
          $ref: '#/components/responses/Problem401'
        '403':
          $ref: '#/components/responses/Problem403'
        '404':
          $ref: '#/components/responses/Problem404'
        '405':
          $ref: '#/components/responses/Problem405'
        '409':
          $ref: '#/components/responses/Problem409'
        '414':
          $ref: '#/components/responses/Problem414'
        '421':
          $ref: '#/components/responses/Problem421'
        '500':
          $ref: '#/components/responses/Problem500'
        '501':
          $ref: '#/components/responses/Problem501'
        '503':
          $ref: '#/components/responses/Problem503'
        '504':
          $ref: '#/components/responses/Problem504'
        '507':
          $ref: '#/components/responses/Problem507'
      security:
      - token: []
      - {}
  /v1/containers/{container}/start:
    post:
      tags:
      - containers
      operationId: startContainer
      summary: Start a container
      parameters:
      - name: container
        in: path
        required: true
        description: The container's id, or a beginning of it that no other container's has.
        schema:
          type: string
          minLength: 1
          maxLength: 64
          pattern: ^[0-9a-f]+$
        example: cccccccc00000000000000000000000000000000000000000000000000000000
      responses:
        '200':
          description: It runs.
          content:
            application/json:
              schema:
                $ref: '#/components/schemas/Empty'
              example: {}
        '400':
          $ref: '#/components/responses/Problem400'
        '401':
          $ref: '#/components/responses/Problem401'
        '403':
          $ref: '#/components/responses/Problem403'
        '404':
          $ref: '#/components/responses/Problem404'
        '405':
          $ref: '#/components/responses/Problem405'
        '409':
          $ref: '#/components/responses/Problem409'
        '414':
          $ref: '#/components/responses/Problem414'
        '421':
          $ref: '#/components/responses/Problem421'
        '500':
          $ref: '#/components/responses/Problem500'
        '501':
          $ref: '#/components/responses/Problem501'
        '503':
          $ref: '#/components/responses/Problem503'
        '504':
          $ref: '#/components/responses/Problem504'
        '507':
          $ref: '#/components/responses/Problem507'
      security:
      - token: []
      - {}
  /v1/containers/{container}/stop:
    post:
      tags:
      - containers
      operationId: stopContainer
      summary: Stop a container
      description: The container's stop signal, the grace, then SIGKILL. The grace is in the query or in the body, a `StopContainerRequest`.
      parameters:
      - name: container
        in: path
        required: true
        description: The container's id, or a beginning of it that no other container's has.
        schema:
          type: string
          minLength: 1
          maxLength: 64
          pattern: ^[0-9a-f]+$
        example: cccccccc00000000000000000000000000000000000000000000000000000000
      - name: timeout
        in: query
        required: false
        description: Seconds of grace (default 10).
        schema:
          type: integer
          minimum: 0
          maximum: 3153600000
      requestBody:
        required: false
        content:
          application/json:
            schema:
              $ref: '#/components/schemas/StopRequest'
            examples:
              grace:
                value:
                  timeout: '30'
          application/yaml:
            schema:
              $ref: '#/components/schemas/StopRequest'
      responses:
        '200':
          description: 'Its exit is recorded. One that has exited, or a whole id that nothing has: it was stopped already.'
          content:
            application/json:
              schema:
                $ref: '#/components/schemas/Empty'
              example: {}
        '400':
          $ref: '#/components/responses/Problem400'
        '401':
          $ref: '#/components/responses/Problem401'
        '403':
          $ref: '#/components/responses/Problem403'
        '404':
          $ref: '#/components/responses/Problem404'
        '405':
          $ref: '#/components/responses/Problem405'
        '408':
          $ref: '#/components/responses/Problem408'
        '409':
          $ref: '#/components/responses/Problem409'
        '413':
          $ref: '#/components/responses/Problem413'
        '414':
          $ref: '#/components/responses/Problem414'
        '415':
          $ref: '#/components/responses/Problem415'
        '421':
          $ref: '#/components/responses/Problem421'
        '500':
          $ref: '#/components/responses/Problem500'
        '501':
          $ref: '#/components/responses/Problem501'
        '503':
          $ref: '#/components/responses/Problem503'
        '504':
          $ref: '#/components/responses/Problem504'
        '507':
          $ref: '#/components/responses/Problem507'
      security:
      - token: []
      - {}
  /v1/containers/{container}/exec:
    post:
      tags:
      - containers
      operationId: exec
      summary: Run a command in a container
      description: Waits for the end of the command. When the client leaves, the command is killed.
      parameters:
      - name: container
        in: path
        required: true
        description: The container's id, or a beginning of it that no other container's has.
        schema:
          type: string
          minLength: 1
          maxLength: 64
          pattern: ^[0-9a-f]+$
        example: cccccccc00000000000000000000000000000000000000000000000000000000
      requestBody:
        required: true
        content:
          application/json:
            schema:
              $ref: '#/components/schemas/ExecRequest'
            examples:
              command:
                value:
                  cmd:
                  - echo
                  - hello
                  timeout: '5'
          application/yaml:
            schema:
              $ref: '#/components/schemas/ExecRequest'
      responses:
        '200':
          description: It has ended, with whatever code.
          content:
            application/json:
              schema:
                $ref: '#/components/schemas/ExecResult'
              example:
                stdout: aGVsbG8K
                stderr: ''
                exitCode: 0
        '400':
          $ref: '#/components/responses/Problem400'
        '401':
          $ref: '#/components/responses/Problem401'
        '403':
          $ref: '#/components/responses/Problem403'
        '404':
          $ref: '#/components/responses/Problem404'
        '405':
          $ref: '#/components/responses/Problem405'
        '408':
          $ref: '#/components/responses/Problem408'
        '409':
          $ref: '#/components/responses/Problem409'
        '413':
          $ref: '#/components/responses/Problem413'
        '414':
          $ref: '#/components/responses/Problem414'
        '415':
          $ref: '#/components/responses/Problem415'
        '421':
          $ref: '#/components/responses/Problem421'
        '500':
          $ref: '#/components/responses/Problem500'
        '501':
          $ref: '#/components/responses/Problem501'
        '503':
          $ref: '#/components/responses/Problem503'
        '504':
          $ref: '#/components/responses/Problem504'
        '507':
          $ref: '#/components/responses/Problem507'
      security:
      - token: []
      - {}
  /v1/containers/{container}/logs:
    get:
      tags:
      - containers
      operationId: logs
      summary: What a container wrote
      parameters:
      - name: container
        in: path
        required: true
        description: The container's id, or a beginning of it that no other container's has.
        schema:
          type: string
          minLength: 1
          maxLength: 64
          pattern: ^[0-9a-f]+$
        example: cccccccc00000000000000000000000000000000000000000000000000000000
      - name: follow
        in: query
        required: false
        description: Go on with what is written from now on, across rotations.
        schema:
          type: boolean
      - name: tail
        in: query
        required: false
        description: Only the last lines.
        schema:
          type: integer
          minimum: 0
          maximum: 1000000000
      - name: since
        in: query
        required: false
        description: A time (`2026-01-12T15:04:05Z`), or how long ago (`15m`).
        schema:
          type: string
          pattern: ^[0-9]{1,6}[smh]?$|^20[0-9]{2}-0[1-9]-[12][0-9]T[01][0-9]:[0-5][0-9]:[0-5][0-9]Z$
        example: 15m
      - name: timestamps
        in: query
        required: false
        description: The time before each line.
        schema:
          type: boolean
      - name: stream
        in: query
        required: false
        description: Only this one.
        schema:
          type: string
          enum:
          - stdout
          - stderr
      responses:
        '200':
          description: Its lines. With `follow`, until it has exited.
          content:
            text/plain:
              schema:
                type: string
              example: 'hello

                '
        '400':
          $ref: '#/components/responses/Problem400'
        '403':
          $ref: '#/components/responses/Problem403'
        '404':
          $ref: '#/components/responses/Problem404'
        '405':
          $ref: '#/components/responses/Problem405'
        '409':
          $ref: '#/components/responses/Problem409'
        '414':
          $ref: '#/components/responses/Problem414'
        '421':
          $ref: '#/components/responses/Problem421'
        '500':
          $ref: '#/components/responses/Problem500'
        '503':
          $ref: '#/components/responses/Problem503'
  /v1/containers/{container}/stats:
    get:
      tags:
      - stats
      operationId: containerStats
      summary: What a container uses
      parameters:
      - name: container
        in: path
        required: true
        description: The container's id, or a beginning of it that no other container's has.
        schema:
          type: string
          minLength: 1
          maxLength: 64
          pattern: ^[0-9a-f]+$
        example: cccccccc00000000000000000000000000000000000000000000000000000000
      responses:
        '200':
          description: CPU and memory, by the kernel's counters.
          content:
            application/json:
              schema:
                $ref: '#/components/schemas/Stats'
        '400':
          $ref: '#/components/responses/Problem400'
        '403':
          $ref: '#/components/responses/Problem403'
        '404':
          $ref: '#/components/responses/Problem404'
        '405':
          $ref: '#/components/responses/Problem405'
        '409':
          $ref: '#/components/responses/Problem409'
        '414':
          $ref: '#/components/responses/Problem414'
        '421':
          $ref: '#/components/responses/Problem421'
        '500':
          $ref: '#/components/responses/Problem500'
        '503':
          $ref: '#/components/responses/Problem503'
  /v1/stats:
    get:
      tags:
      - stats
      operationId: listStats
      summary: What containers use
      parameters:
      - name: podSandboxId
        in: query
        required: false
        description: Only containers of this pod; the beginning of its id is enough.
        schema:
          type: string
          pattern: ^[0-9a-f]{1,64}$
      - name: labelSelector
        in: query
        required: false
        description: '`app=web,tier=front`: all of them hold.'
        schema:
          type: string
          pattern: ^[A-Za-z0-9./_-]+=[A-Za-z0-9._-]*(,[A-Za-z0-9./_-]+=[A-Za-z0-9._-]*)*$
        example: app=web
      responses:
        '200':
          description: Of those that run.
          content:
            application/json:
              schema:
                $ref: '#/components/schemas/StatsList'
        '400':
          $ref: '#/components/responses/Problem400'
        '403':
          $ref: '#/components/responses/Problem403'
        '404':
          $ref: '#/components/responses/Problem404'
        '405':
          $ref: '#/components/responses/Problem405'
        '409':
          $ref: '#/components/responses/Problem409'
        '414':
          $ref: '#/components/responses/Problem414'
        '421':
          $ref: '#/components/responses/Problem421'
        '500':
          $ref: '#/components/responses/Problem500'
        '503':
          $ref: '#/components/responses/Problem503'
  /v1/images:
    get:
      tags:
      - images
      operationId: listImages
      summary: List images
      parameters:
      - name: image
        in: query
        required: false
        description: Only the image that this reference or id means now.
        schema:
          type: string
          minLength: 1
          maxLength: 200
          pattern: ^[a-z0-9]+(:[a-z0-9]+)?$
        example: busybox
      - name: name
        in: query
        required: false
        description: Only images with this in one of their names.
        schema:
          type: string
      responses:
        '200':
          description: Those that match.
          content:
            application/json:
              schema:
                $ref: '#/components/schemas/ImageList'
        '400':
          $ref: '#/components/responses/Problem400'
        '403':
          $ref: '#/components/responses/Problem403'
        '405':
          $ref: '#/components/responses/Problem405'
        '414':
          $ref: '#/components/responses/Problem414'
        '421':
          $ref: '#/components/responses/Problem421'
        '500':
          $ref: '#/components/responses/Problem500'
        '503':
          $ref: '#/components/responses/Problem503'
    post:
      tags:
      - images
      operationId: pullImage
      summary: Pull an image
      description: 'With `Accept: application/x-ndjson` the answer is a stream of lines that tell how it goes. When the last client has left, the pull is cancelled.'
      requestBody:
        required: true
        content:
          application/json:
            schema:
              $ref: '#/components/schemas/PullRequest'
            examples:
              busybox:
                value:
                  image:
                    image: docker.io/library/busybox:latest
          application/yaml:
            schema:
              $ref: '#/components/schemas/PullRequest'
      responses:
        '200':
          description: It is here, whole and verified.
          content:
            application/json:
              schema:
                $ref: '#/components/schemas/Pulled'
              example:
                imageRef: sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb
            application/x-ndjson:
              schema:
                type: string
                description: Lines, each a `PullLine`.
        '400':
          $ref: '#/components/responses/Problem400'
        '401':
          $ref: '#/components/responses/Problem401'
        '403':
          $ref: '#/components/responses/Problem403'
        '404':
          $ref: '#/components/responses/Problem404'
        '405':
          $ref: '#/components/responses/Problem405'
        '408':
          $ref: '#/components/responses/Problem408'
        '409':
          $ref: '#/components/responses/Problem409'
        '413':
          $ref: '#/components/responses/Problem413'
        '414':
          $ref: '#/components/responses/Problem414'
        '415':
          $ref: '#/components/responses/Problem415'
        '421':
          $ref: '#/components/responses/Problem421'
        '500':
          $ref: '#/components/responses/Problem500'
        '501':
          $ref: '#/components/responses/Problem501'
        '503':
          $ref: '#/components/responses/Problem503'
        '504':
          $ref: '#/components/responses/Problem504'
        '507':
          $ref: '#/components/responses/Problem507'
      security:
      - token: []
      - {}
  /v1/images/{image}:
    get:
      tags:
      - images
      operationId: getImage
      summary: One image
      parameters:
      - name: image
        in: path
        required: true
        description: An image's id, a beginning of it (with or without `sha256:`), or a reference with its slashes escaped (`docker.io%2Flibrary%2Fbusybox:1`).
        schema:
          type: string
          minLength: 1
          maxLength: 512
          pattern: ^[a-z0-9][a-z0-9._:@/-]*$
        example: sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb
      - name: verbose
        in: query
        required: false
        description: 'With what this runtime knows beyond the CRI: `info`.'
        schema:
          type: boolean
      responses:
        '200':
          description: It is here.
          content:
            application/json:
              schema:
                $ref: '#/components/schemas/ImageStatus'
        '400':
          $ref: '#/components/responses/Problem400'
        '403':
          $ref: '#/components/responses/Problem403'
        '404':
          $ref: '#/components/responses/Problem404'
        '405':
          $ref: '#/components/responses/Problem405'
        '409':
          $ref: '#/components/responses/Problem409'
        '414':
          $ref: '#/components/responses/Problem414'
        '421':
          $ref: '#/components/responses/Problem421'
        '500':
          $ref: '#/components/responses/Problem500'
        '503':
          $ref: '#/components/responses/Problem503'
    delete:
      tags:
      - images
      operationId: removeImage
      summary: Remove an image
      parameters:
      - name: image
        in: path
        required: true
        description: An image's id, a beginning of it (with or without `sha256:`), or a reference with its slashes escaped (`docker.io%2Flibrary%2Fbusybox:1`).
        schema:
          type: string
          minLength: 1
          maxLength: 512
          pattern: ^[a-z0-9][a-z0-9._:@/-]*$
        example: sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb
      responses:
        '200':
          description: It is gone with all its tags, or was not here. Containers made from it keep running.
          content:
            application/json:
              schema:
                $ref: '#/components/schemas/Empty'
              example: {}
        '400':
          $ref: '#/components/responses/Problem400'
        '401':
          $ref: '#/components/responses/Problem401'
        '403':
          $ref: '#/components/responses/Problem403'
        '404':
          $ref: '#/components/responses/Problem404'
        '405':
          $ref: '#/components/responses/Problem405'
        '409':
          $ref: '#/components/responses/Problem409'
        '414':
          $ref: '#/components/responses/Problem414'
        '421':
          $ref: '#/components/responses/Problem421'
        '500':
          $ref: '#/components/responses/Problem500'
        '501':
          $ref: '#/components/responses/Problem501'
        '503':
          $ref: '#/components/responses/Problem503'
        '504':
          $ref: '#/components/responses/Problem504'
        '507':
          $ref: '#/components/responses/Problem507'
      security:
      - token: []
      - {}
  /v1/imagefs:
    get:
      tags:
      - images
      operationId: imageFsInfo
      summary: What images take on disk
      responses:
        '200':
          description: The image file system, and that of the writable layers.
          content:
            application/json:
              schema:
                $ref: '#/components/schemas/ImageFsInfo'
        '400':
          $ref: '#/components/responses/Problem400'
        '403':
          $ref: '#/components/responses/Problem403'
        '405':
          $ref: '#/components/responses/Problem405'
        '414':
          $ref: '#/components/responses/Problem414'
        '421':
          $ref: '#/components/responses/Problem421'
        '500':
          $ref: '#/components/responses/Problem500'
        '503':
          $ref: '#/components/responses/Problem503'
  /v1/events:
    get:
      tags:
      - events
      operationId: events
      summary: What happens to pods and containers
      parameters:
      - name: Last-Event-ID
        in: header
        required: false
        description: The last id that was seen.
        schema:
          type: string
          pattern: ^[0-9a-f]{1,8}-[0-9]{1,15}$
      responses:
        '200':
          description: 'Server-sent events until the client leaves. `event` is the type (`CONTAINER_STARTED_EVENT`, …, or `gap`: some were lost, list again), `data`
            a `ContainerEvent`; `id` may come back as `Last-Event-ID`. A comment every 15 seconds shows that the daemon is there. A client that does not read is disconnected.'
          content:
            text/event-stream:
              schema:
                type: string
        '400':
          $ref: '#/components/responses/Problem400'
        '403':
          $ref: '#/components/responses/Problem403'
        '405':
          $ref: '#/components/responses/Problem405'
        '414':
          $ref: '#/components/responses/Problem414'
        '421':
          $ref: '#/components/responses/Problem421'
        '500':
          $ref: '#/components/responses/Problem500'
        '503':
          $ref: '#/components/responses/Problem503'
  /metrics:
    get:
      tags:
      - health
      operationId: metrics
      summary: Metrics for Prometheus
      responses:
        '200':
          description: The text format 0.0.4.
          content:
            text/plain:
              schema:
                type: string
        '400':
          $ref: '#/components/responses/Problem400'
        '403':
          $ref: '#/components/responses/Problem403'
        '405':
          $ref: '#/components/responses/Problem405'
        '414':
          $ref: '#/components/responses/Problem414'
        '421':
          $ref: '#/components/responses/Problem421'
        '500':
          $ref: '#/components/responses/Problem500'
  /healthz:
    get:
      tags:
      - health
      operationId: healthz
      summary: Whether the daemon lives
      responses:
        '200':
          description: It does.
          content:
            text/plain:
              schema:
                type: string
              example: 'ok

                '
        '400':
          $ref: '#/components/responses/Problem400'
        '403':
          $ref: '#/components/responses/Problem403'
        '405':
          $ref: '#/components/responses/Problem405'
        '414':
          $ref: '#/components/responses/Problem414'
        '421':
          $ref: '#/components/responses/Problem421'
        '500':
          $ref: '#/components/responses/Problem500'
  /readyz:
    get:
      tags:
      - health
      operationId: readyz
      summary: Whether pods can run
      responses:
        '200':
          description: They can.
          content:
            application/json:
              schema:
                $ref: '#/components/schemas/Readiness'
              example:
                ready: true
                reasons: []
        '503':
          description: They cannot, for these reasons.
          content:
            application/json:
              schema:
                $ref: '#/components/schemas/Readiness'
              example:
                ready: false
                reasons:
                - type: NetworkReady
                  status: false
                  reason: NoNetworkConfiguration
                  message: …
        '400':
          $ref: '#/components/responses/Problem400'
        '403':
          $ref: '#/components/responses/Problem403'
        '405':
          $ref: '#/components/responses/Problem405'
        '414':
          $ref: '#/components/responses/Problem414'
        '421':
          $ref: '#/components/responses/Problem421'
        '500':
          $ref: '#/components/responses/Problem500'
  /openapi.yaml:
    get:
      tags:
      - documents
      operationId: openapi
      summary: This document
      responses:
        '200':
          description: OpenAPI 3.1.
          content:
            application/yaml:
              schema:
                type: string
        '400':
          $ref: '#/components/responses/Problem400'
        '403':
          $ref: '#/components/responses/Problem403'
        '405':
          $ref: '#/components/responses/Problem405'
        '414':
          $ref: '#/components/responses/Problem414'
        '421':
          $ref: '#/components/responses/Problem421'
        '500':
          $ref: '#/components/responses/Problem500'
  /:
    get:
      tags:
      - documents
      operationId: page
      summary: The page
      responses:
        '200':
          description: The node's pods, live, for people.
          content:
            text/html:
              schema:
                type: string
        '400':
          $ref: '#/components/responses/Problem400'
        '403':
          $ref: '#/components/responses/Problem403'
        '405':
          $ref: '#/components/responses/Problem405'
        '414':
          $ref: '#/components/responses/Problem414'
        '421':
          $ref: '#/components/responses/Problem421'
        '500':
          $ref: '#/components/responses/Problem500'
components:
  securitySchemes:
    token:
      type: http
      scheme: bearer
      description: 'On TCP only, for what changes or runs something: what the file of gatewayTokenFile holds. On the Unix socket the file''s mode decides.'
  responses:
    Problem400:
      description: The request is malformed; the detail says where.
      content:
        application/problem+json:
          schema:
            $ref: '#/components/schemas/Problem'
          example:
            type: about:blank
            title: Bad Request
            status: 400
            detail: 'config.metadata.name: must not be empty'
            instance: /v1/pods
            code: invalidArgument
    Problem401:
      description: 'On TCP: the token is missing or wrong.'
      content:
        application/problem+json:
          schema:
            $ref: '#/components/schemas/Problem'
    Problem403:
      description: 'On TCP: a page of another site asks. Or: credentials were refused.'
      content:
        application/problem+json:
          schema:
            $ref: '#/components/schemas/Problem'
    Problem404:
      description: There is no such object.
      content:
        application/problem+json:
          schema:
            $ref: '#/components/schemas/Problem'
          example:
            type: about:blank
            title: Not Found
            status: 404
            detail: pod "f00" does not exist
            instance: /v1/pods
            code: notFound
    Problem405:
      description: Another method is for this path; `Allow` has it.
      content:
        application/problem+json:
          schema:
            $ref: '#/components/schemas/Problem'
      headers:
        Allow:
          schema:
            type: string
    Problem408:
      description: The body came too slowly.
      content:
        application/problem+json:
          schema:
            $ref: '#/components/schemas/Problem'
    Problem409:
      description: The object is in another state, the name is taken, or the id is ambiguous (then with candidates).
      content:
        application/problem+json:
          schema:
            $ref: '#/components/schemas/Problem'
          example:
            type: about:blank
            title: Conflict
            status: 409
            detail: '"a" is the beginning of 2 pod ids; write more of it'
            instance: /v1/pods
            code: ambiguous
            candidates:
            - id: aaaaaaaa00000000000000000000000000000000000000000000000000000000
              name: default/web
            - id: aaaaaaaa11111111111111111111111111111111111111111111111111111111
              name: default/db
    Problem413:
      description: The body has more than 2 MiB.
      content:
        application/problem+json:
          schema:
            $ref: '#/components/schemas/Problem'
    Problem414:
      description: The path and query have more than 4096 bytes.
      content:
        application/problem+json:
          schema:
            $ref: '#/components/schemas/Problem'
    Problem415:
      description: The body is neither JSON nor YAML.
      content:
        application/problem+json:
          schema:
            $ref: '#/components/schemas/Problem'
    Problem421:
      description: 'On TCP: Host is not this machine.'
      content:
        application/problem+json:
          schema:
            $ref: '#/components/schemas/Problem'
    Problem500:
      description: A defect here or in the engine.
      content:
        application/problem+json:
          schema:
            $ref: '#/components/schemas/Problem'
    Problem501:
      description: The engine in use cannot do this.
      content:
        application/problem+json:
          schema:
            $ref: '#/components/schemas/Problem'
    Problem503:
      description: Something does not answer now, or the daemon is starting; a retry may help.
      content:
        application/problem+json:
          schema:
            $ref: '#/components/schemas/Problem'
    Problem504:
      description: A limit of time passed.
      content:
        application/problem+json:
          schema:
            $ref: '#/components/schemas/Problem'
    Problem507:
      description: A limit of this host was reached.
      content:
        application/problem+json:
          schema:
            $ref: '#/components/schemas/Problem'
  schemas:
    Problem:
      type: object
      description: An error (RFC 9457).
      properties:
        type:
          type: string
          const: about:blank
        title:
          type: string
          description: The status in words.
        status:
          type: integer
          minimum: 400
          maximum: 599
        detail:
          type: string
          description: Names the object, the cause and what to do.
        instance:
          type: string
          description: The path of the request.
        code:
          type: string
          description: 'The kind of failure: the domain''s words (invalidArgument, notFound, alreadyExists, failedPrecondition, deadlineExceeded, cancelled, resourceExhausted,
            unavailable, permissionDenied, unimplemented, internal) or HTTP''s (ambiguous, malformed, badPath, badHost, badOrigin, noSuchPath, methodNotAllowed, unsupportedMediaType,
            contentTooLarge, requestTimeout, uriTooLong, unauthorized).'
        candidates:
          type: array
          description: What an ambiguous id may mean; at most 20.
          items:
            type: object
            properties:
              id:
                type: string
              name:
                type: string
            required:
            - id
            - name
            additionalProperties: false
      required:
      - type
      - title
      - status
      - detail
      - instance
      - code
      additionalProperties: false
    Empty:
      type: object
      description: 'Nothing to tell: it is done.'
      additionalProperties: false
    Version:
      type: object
      description: '`VersionResponse`.'
      properties:
        version:
          type: string
        runtimeName:
          type: string
        runtimeVersion:
          type: string
        runtimeApiVersion:
          type: string
      required:
      - version
      - runtimeName
      - runtimeVersion
      - runtimeApiVersion
      additionalProperties: false
    Condition:
      type: object
      description: '`RuntimeCondition`.'
      properties:
        type:
          type: string
        status:
          type: boolean
        reason:
          type: string
        message:
          type: string
      required:
      - type
      - status
      - reason
      - message
      additionalProperties: false
    Info:
      type: object
      description: 'With `verbose`: one entry, `info`, whose text is JSON.'
      additionalProperties:
        type: string
    Status:
      type: object
      description: '`StatusResponse`.'
      properties:
        status:
          type: object
          properties:
            conditions:
              type: array
              items:
                $ref: '#/components/schemas/Condition'
          required:
          - conditions
          additionalProperties: false
        info:
          $ref: '#/components/schemas/Info'
        runtimeHandlers:
          type: array
          items:
            type: object
            properties:
              name:
                type: string
              features:
                type: object
                properties:
                  recursiveReadOnlyMounts:
                    type: boolean
                  userNamespaces:
                    type: boolean
                required:
                - recursiveReadOnlyMounts
                - userNamespaces
                additionalProperties: false
            required:
            - name
            - features
            additionalProperties: false
        features:
          type: object
          properties:
            supplementalGroupsPolicy:
              type: boolean
            userNamespacesHostNetwork:
              type: boolean
            mountOptions:
              type: boolean
          required:
          - supplementalGroupsPolicy
          - userNamespacesHostNetwork
          - mountOptions
          additionalProperties: false
      required:
      - status
      - info
      - runtimeHandlers
      - features
      additionalProperties: false
    RuntimeConfig:
      type: object
      description: '`RuntimeConfigResponse`.'
      properties:
        linux:
          type: object
          properties:
            cgroupDriver:
              type: string
              enum:
              - SYSTEMD
              - CGROUPFS
          required:
          - cgroupDriver
          additionalProperties: false
      required:
      - linux
      additionalProperties: false
    UpdateRuntimeConfig:
      type: object
      description: '`UpdateRuntimeConfigRequest`.'
      properties:
        runtimeConfig:
          type:
          - object
          - 'null'
          properties:
            networkConfig:
              type:
              - object
              - 'null'
              properties:
                podCidr:
                  type:
                  - string
                  - 'null'
                  description: 'One range, or two with a comma: `10.244.0.0/24`.'
                  maxLength: 100
                  pattern: ^([0-9]{1,2}\.[0-9]{1,2}\.[0-9]{1,2}\.[0-9]{1,2}/(1[0-9]|[0-9]))?$
              additionalProperties: false
          additionalProperties: false
      additionalProperties: false
    PodMetadata:
      type: object
      description: '`PodSandboxMetadata`.'
      properties:
        name:
          type: string
        uid:
          type: string
        namespace:
          type: string
        attempt:
          type: integer
      required:
      - name
      - uid
      - namespace
      - attempt
      additionalProperties: false
    IDMapping:
      type: object
      properties:
        hostId:
          type: integer
        containerId:
          type: integer
        length:
          type: integer
      required:
      - hostId
      - containerId
      - length
      additionalProperties: false
    Namespaces:
      type: object
      description: '`NamespaceOption`.'
      properties:
        network:
          type: string
          enum:
          - POD
          - NODE
        pid:
          type: string
          enum:
          - POD
          - CONTAINER
          - NODE
          - TARGET
        ipc:
          type: string
          enum:
          - POD
          - NODE
        targetId:
          type: string
        usernsOptions:
          type: object
          properties:
            mode:
              type: string
            uids:
              type: array
              items:
                $ref: '#/components/schemas/IDMapping'
            gids:
              type: array
              items:
                $ref: '#/components/schemas/IDMapping'
          required:
          - mode
          - uids
          - gids
          additionalProperties: false
      required:
      - network
      - pid
      - ipc
      additionalProperties: false
    Pod:
      type: object
      description: '`PodSandbox`.'
      properties:
        id:
          type: string
          pattern: ^[0-9a-f]{64}$
        metadata:
          $ref: '#/components/schemas/PodMetadata'
        state:
          type: string
          enum:
          - SANDBOX_READY
          - SANDBOX_NOTREADY
        createdAt:
          description: A 64-bit number, in quotes (protobuf's JSON mapping).
          type: string
          pattern: ^-?[0-9]+$
        labels:
          type: object
          additionalProperties:
            type: string
        annotations:
          type: object
          additionalProperties:
            type: string
        runtimeHandler:
          type: string
      required:
      - id
      - metadata
      - state
      - createdAt
      - labels
      - annotations
      - runtimeHandler
      additionalProperties: false
    PodStatus:
      type: object
      description: '`PodSandboxStatus`.'
      properties:
        id:
          type: string
          pattern: ^[0-9a-f]{64}$
        metadata:
          $ref: '#/components/schemas/PodMetadata'
        state:
          type: string
          enum:
          - SANDBOX_READY
          - SANDBOX_NOTREADY
        createdAt:
          description: A 64-bit number, in quotes (protobuf's JSON mapping).
          type: string
          pattern: ^-?[0-9]+$
        network:
          type: object
          properties:
            ip:
              type: string
            additionalIps:
              type: array
              items:
                type: object
                properties:
                  ip:
                    type: string
                required:
                - ip
                additionalProperties: false
          required:
          - ip
          - additionalIps
          additionalProperties: false
        linux:
          type: object
          properties:
            namespaces:
              type: object
              properties:
                options:
                  $ref: '#/components/schemas/Namespaces'
              required:
              - options
              additionalProperties: false
          required:
          - namespaces
          additionalProperties: false
        labels:
          type: object
          additionalProperties:
            type: string
        annotations:
          type: object
          additionalProperties:
            type: string
        runtimeHandler:
          type: string
      required:
      - id
      - metadata
      - state
      - createdAt
      - network
      - linux
      - labels
      - annotations
      - runtimeHandler
      additionalProperties: false
    PodStatusResponse:
      type: object
      description: '`PodSandboxStatusResponse`.'
      properties:
        status:
          $ref: '#/components/schemas/PodStatus'
        info:
          $ref: '#/components/schemas/Info'
      required:
      - status
      - info
      additionalProperties: false
    PodList:
      type: object
      description: '`ListPodSandboxResponse`.'
      properties:
        items:
          type: array
          items:
            anyOf:
            - $ref: '#/components/schemas/Pod'
            - $ref: '#/components/schemas/PodStatusResponse'
          description: The newest first. With `verbose`, each as its own status would be.
      required:
      - items
      additionalProperties: false
    ContainerMetadata:
      type: object
      properties:
        name:
          type: string
        attempt:
          type: integer
          description: How often it was restarted.
      required:
      - name
      - attempt
      additionalProperties: false
    ImageSpec:
      type: object
      properties:
        image:
          type: string
        annotations:
          type: object
          additionalProperties:
            type: string
        userSpecifiedImage:
          type: string
        runtimeHandler:
          type: string
        imageRef:
          type: string
      required:
      - image
      - annotations
      - userSpecifiedImage
      - runtimeHandler
      - imageRef
      additionalProperties: false
    Container:
      type: object
      description: '`Container`.'
      properties:
        id:
          type: string
          pattern: ^[0-9a-f]{64}$
        podSandboxId:
          type: string
          pattern: ^[0-9a-f]{64}$
        metadata:
          $ref: '#/components/schemas/ContainerMetadata'
        image:
          $ref: '#/components/schemas/ImageSpec'
        imageRef:
          type: string
        state:
          type: string
          enum:
          - CONTAINER_CREATED
          - CONTAINER_RUNNING
          - CONTAINER_EXITED
          - CONTAINER_UNKNOWN
        createdAt:
          description: A 64-bit number, in quotes (protobuf's JSON mapping).
          type: string
          pattern: ^-?[0-9]+$
        labels:
          type: object
          additionalProperties:
            type: string
        annotations:
          type: object
          additionalProperties:
            type: string
        imageId:
          type: string
      required:
      - id
      - podSandboxId
      - metadata
      - image
      - imageRef
      - state
      - createdAt
      - labels
      - annotations
      - imageId
      additionalProperties: false
    Mount:
      type: object
      properties:
        containerPath:
          type: string
        hostPath:
          type: string
        readonly:
          type: boolean
        selinuxRelabel:
          type: boolean
        propagation:
          type: string
          enum:
          - PROPAGATION_PRIVATE
          - PROPAGATION_HOST_TO_CONTAINER
          - PROPAGATION_BIDIRECTIONAL
        uidMappings:
          type: array
          items:
            $ref: '#/components/schemas/IDMapping'
        gidMappings:
          type: array
          items:
            $ref: '#/components/schemas/IDMapping'
        recursiveReadOnly:
          type: boolean
        image:
          $ref: '#/components/schemas/ImageSpec'
        imageSubPath:
          type: string
        mountOptions:
          type: array
          items:
            type: string
      required:
      - containerPath
      - hostPath
      - readonly
      - selinuxRelabel
      - propagation
      - uidMappings
      - gidMappings
      - recursiveReadOnly
      - imageSubPath
      - mountOptions
      additionalProperties: false
    LinuxResources:
      type: object
      properties:
        cpuPeriod:
          description: A 64-bit number, in quotes (protobuf's JSON mapping).
          type: string
          pattern: ^-?[0-9]+$
        cpuQuota:
          description: A 64-bit number, in quotes (protobuf's JSON mapping).
          type: string
          pattern: ^-?[0-9]+$
        cpuShares:
          description: A 64-bit number, in quotes (protobuf's JSON mapping).
          type: string
          pattern: ^-?[0-9]+$
        memoryLimitInBytes:
          description: A 64-bit number, in quotes (protobuf's JSON mapping).
          type: string
          pattern: ^-?[0-9]+$
        oomScoreAdj:
          description: A 64-bit number, in quotes (protobuf's JSON mapping).
          type: string
          pattern: ^-?[0-9]+$
        cpusetCpus:
          type: string
        cpusetMems:
          type: string
        hugepageLimits:
          type: array
          items:
            type: object
            properties:
              pageSize:
                type: string
              limit:
                description: A 64-bit number, in quotes (protobuf's JSON mapping).
                type: string
                pattern: ^-?[0-9]+$
            required:
            - pageSize
            - limit
            additionalProperties: false
        unified:
          type: object
          additionalProperties:
            type: string
        memorySwapLimitInBytes:
          description: A 64-bit number, in quotes (protobuf's JSON mapping).
          type: string
          pattern: ^-?[0-9]+$
      required:
      - cpuPeriod
      - cpuQuota
      - cpuShares
      - memoryLimitInBytes
      - oomScoreAdj
      - cpusetCpus
      - cpusetMems
      - hugepageLimits
      - unified
      - memorySwapLimitInBytes
      additionalProperties: false
    ContainerStatus:
      type: object
      description: '`ContainerStatus`.'
      properties:
        id:
          type: string
          pattern: ^[0-9a-f]{64}$
        metadata:
          $ref: '#/components/schemas/ContainerMetadata'
        state:
          type: string
          enum:
          - CONTAINER_CREATED
          - CONTAINER_RUNNING
          - CONTAINER_EXITED
          - CONTAINER_UNKNOWN
        createdAt:
          description: A 64-bit number, in quotes (protobuf's JSON mapping).
          type: string
          pattern: ^-?[0-9]+$
        startedAt:
          description: A 64-bit number, in quotes (protobuf's JSON mapping).
          type: string
          pattern: ^-?[0-9]+$
        finishedAt:
          description: A 64-bit number, in quotes (protobuf's JSON mapping).
          type: string
          pattern: ^-?[0-9]+$
        exitCode:
          type: integer
        image:
          $ref: '#/components/schemas/ImageSpec'
        imageRef:
          type: string
        reason:
          type: string
        message:
          type: string
        labels:
          type: object
          additionalProperties:
            type: string
        annotations:
          type: object
          additionalProperties:
            type: string
        mounts:
          type: array
          items:
            $ref: '#/components/schemas/Mount'
        logPath:
          type: string
        resources:
          type: object
          properties:
            linux:
              $ref: '#/components/schemas/LinuxResources'
          required:
          - linux
          additionalProperties: false
        imageId:
          type: string
        user:
          type: object
          properties:
            linux:
              type: object
              properties:
                uid:
                  description: A 64-bit number, in quotes (protobuf's JSON mapping).
                  type: string
                  pattern: ^-?[0-9]+$
                gid:
                  description: A 64-bit number, in quotes (protobuf's JSON mapping).
                  type: string
                  pattern: ^-?[0-9]+$
                supplementalGroups:
                  type: array
                  items:
                    description: A 64-bit number, in quotes (protobuf's JSON mapping).
                    type: string
                    pattern: ^-?[0-9]+$
              required:
              - uid
              - gid
              - supplementalGroups
              additionalProperties: false
          required:
          - linux
          additionalProperties: false
        stopSignal:
          type: string
      required:
      - id
      - metadata
      - state
      - createdAt
      - startedAt
      - finishedAt
      - exitCode
      - image
      - imageRef
      - reason
      - message
      - labels
      - annotations
      - mounts
      - logPath
      - imageId
      - stopSignal
      additionalProperties: false
    ContainerStatusResponse:
      type: object
      description: '`ContainerStatusResponse`.'
      properties:
        status:
          $ref: '#/components/schemas/ContainerStatus'
        info:
          $ref: '#/components/schemas/Info'
      required:
      - status
      - info
      additionalProperties: false
    ContainerList:
      type: object
      description: '`ListContainersResponse`.'
      properties:
        containers:
          type: array
          description: The newest first. With `verbose`, each with its status.
          items:
            anyOf:
            - $ref: '#/components/schemas/Container'
            - type: object
              properties:
                podSandboxId:
                  type: string
                  pattern: ^[0-9a-f]{64}$
                status:
                  $ref: '#/components/schemas/ContainerStatus'
                info:
                  $ref: '#/components/schemas/Info'
              required:
              - podSandboxId
              - status
              - info
              additionalProperties: false
      required:
      - containers
      additionalProperties: false
    Image:
      type: object
      description: '`Image`.'
      properties:
        id:
          type: string
        repoTags:
          type: array
          items:
            type: string
        repoDigests:
          type: array
          items:
            type: string
        size:
          description: A 64-bit number, in quotes (protobuf's JSON mapping).
          type: string
          pattern: ^-?[0-9]+$
        uid:
          type: object
          properties:
            value:
              description: A 64-bit number, in quotes (protobuf's JSON mapping).
              type: string
              pattern: ^-?[0-9]+$
          required:
          - value
          additionalProperties: false
        username:
          type: string
        spec:
          $ref: '#/components/schemas/ImageSpec'
        pinned:
          type: boolean
      required:
      - id
      - repoTags
      - repoDigests
      - size
      - username
      - spec
      - pinned
      additionalProperties: false
    ImageList:
      type: object
      description: '`ListImagesResponse`.'
      properties:
        images:
          type: array
          items:
            $ref: '#/components/schemas/Image'
      required:
      - images
      additionalProperties: false
    ImageStatus:
      type: object
      description: '`ImageStatusResponse`.'
      properties:
        image:
          $ref: '#/components/schemas/Image'
        info:
          $ref: '#/components/schemas/Info'
      required:
      - image
      - info
      additionalProperties: false
    FilesystemUsage:
      type: object
      properties:
        timestamp:
          description: A 64-bit number, in quotes (protobuf's JSON mapping).
          type: string
          pattern: ^-?[0-9]+$
        fsId:
          type: object
          properties:
            mountpoint:
              type: string
          required:
          - mountpoint
          additionalProperties: false
        usedBytes:
          type: object
          properties:
            value:
              description: A 64-bit number, in quotes (protobuf's JSON mapping).
              type: string
              pattern: ^-?[0-9]+$
          required:
          - value
          additionalProperties: false
        inodesUsed:
          type: object
          properties:
            value:
              description: A 64-bit number, in quotes (protobuf's JSON mapping).
              type: string
              pattern: ^-?[0-9]+$
          required:
          - value
          additionalProperties: false
      required:
      - timestamp
      - fsId
      - usedBytes
      - inodesUsed
      additionalProperties: false
    ImageFsInfo:
      type: object
      description: '`ImageFsInfoResponse`.'
      properties:
        imageFilesystems:
          type: array
          items:
            $ref: '#/components/schemas/FilesystemUsage'
        containerFilesystems:
          type: array
          items:
            $ref: '#/components/schemas/FilesystemUsage'
      required:
      - imageFilesystems
      - containerFilesystems
      additionalProperties: false
    ContainerStats:
      type: object
      description: '`ContainerStats`. What the kernel does not count is left out; `usageNanoCores` is there from the second reading on.'
      properties:
        attributes:
          type: object
          properties:
            id:
              type: string
              pattern: ^[0-9a-f]{64}$
            metadata:
              $ref: '#/components/schemas/ContainerMetadata'
            labels:
              type: object
              additionalProperties:
                type: string
            annotations:
              type: object
              additionalProperties:
                type: string
          required:
          - id
          - metadata
          - labels
          - annotations
          additionalProperties: false
        cpu:
          type: object
          properties:
            timestamp:
              description: A 64-bit number, in quotes (protobuf's JSON mapping).
              type: string
              pattern: ^-?[0-9]+$
            usageCoreNanoSeconds:
              type: object
              properties:
                value:
                  description: A 64-bit number, in quotes (protobuf's JSON mapping).
                  type: string
                  pattern: ^-?[0-9]+$
              required:
              - value
              additionalProperties: false
            usageNanoCores:
              type: object
              properties:
                value:
                  description: A 64-bit number, in quotes (protobuf's JSON mapping).
                  type: string
                  pattern: ^-?[0-9]+$
              required:
              - value
              additionalProperties: false
          required:
          - timestamp
          - usageCoreNanoSeconds
          additionalProperties: false
        memory:
          type: object
          properties:
            timestamp:
              description: A 64-bit number, in quotes (protobuf's JSON mapping).
              type: string
              pattern: ^-?[0-9]+$
            workingSetBytes:
              type: object
              properties:
                value:
                  description: A 64-bit number, in quotes (protobuf's JSON mapping).
                  type: string
                  pattern: ^-?[0-9]+$
              required:
              - value
              additionalProperties: false
            availableBytes:
              type: object
              properties:
                value:
                  description: A 64-bit number, in quotes (protobuf's JSON mapping).
                  type: string
                  pattern: ^-?[0-9]+$
              required:
              - value
              additionalProperties: false
            usageBytes:
              type: object
              properties:
                value:
                  description: A 64-bit number, in quotes (protobuf's JSON mapping).
                  type: string
                  pattern: ^-?[0-9]+$
              required:
              - value
              additionalProperties: false
            rssBytes:
              type: object
              properties:
                value:
                  description: A 64-bit number, in quotes (protobuf's JSON mapping).
                  type: string
                  pattern: ^-?[0-9]+$
              required:
              - value
              additionalProperties: false
            pageFaults:
              type: object
              properties:
                value:
                  description: A 64-bit number, in quotes (protobuf's JSON mapping).
                  type: string
                  pattern: ^-?[0-9]+$
              required:
              - value
              additionalProperties: false
            majorPageFaults:
              type: object
              properties:
                value:
                  description: A 64-bit number, in quotes (protobuf's JSON mapping).
                  type: string
                  pattern: ^-?[0-9]+$
              required:
              - value
              additionalProperties: false
          required:
          - timestamp
          - workingSetBytes
          - usageBytes
          - rssBytes
          - pageFaults
          - majorPageFaults
          additionalProperties: false
      required:
      - attributes
      additionalProperties: false
    StatsList:
      type: object
      description: '`ListContainerStatsResponse`: those that run.'
      properties:
        stats:
          type: array
          items:
            $ref: '#/components/schemas/ContainerStats'
      required:
      - stats
      additionalProperties: false
    Stats:
      type: object
      description: '`ContainerStatsResponse`.'
      properties:
        stats:
          $ref: '#/components/schemas/ContainerStats'
      required:
      - stats
      additionalProperties: false
    PodCreated:
      type: object
      description: '`RunPodSandboxResponse`.'
      properties:
        podSandboxId:
          type: string
          pattern: ^[0-9a-f]{64}$
      required:
      - podSandboxId
      additionalProperties: false
    ContainerCreated:
      type: object
      description: '`CreateContainerResponse`.'
      properties:
        containerId:
          type: string
          pattern: ^[0-9a-f]{64}$
      required:
      - containerId
      additionalProperties: false
    Pulled:
      type: object
      description: '`PullImageResponse`.'
      properties:
        imageRef:
          type: string
      required:
      - imageRef
      additionalProperties: false
    PullLine:
      description: One line of a pull that tells how it goes.
      oneOf:
      - type: object
        properties:
          status:
            type: string
            const: pulling
          image:
            type: string
          elapsedSeconds:
            type: integer
        required:
        - status
        - image
        - elapsedSeconds
        additionalProperties: false
      - type: object
        properties:
          status:
            type: string
            const: pulled
          imageRef:
            type: string
        required:
        - status
        - imageRef
        additionalProperties: false
      - type: object
        properties:
          status:
            type: string
            const: failed
          problem:
            $ref: '#/components/schemas/Problem'
        required:
        - status
        - problem
        additionalProperties: false
    Readiness:
      type: object
      properties:
        ready:
          type: boolean
        reasons:
          type: array
          items:
            $ref: '#/components/schemas/Condition'
      required:
      - ready
      - reasons
      additionalProperties: false
    ExecResult:
      type: object
      description: '`ExecSyncResponse`. Output is base64, at most 16 MiB of it.'
      properties:
        stdout:
          type: string
          format: byte
        stderr:
          type: string
          format: byte
        exitCode:
          type: integer
      required:
      - stdout
      - stderr
      - exitCode
      additionalProperties: false
    ContainerEvent:
      type: object
      description: '`ContainerEventResponse`: the data of a server-sent event.'
      properties:
        containerId:
          type: string
          description: Of the container, or of the pod for a pod's own event.
        containerEventType:
          type: string
          enum:
          - CONTAINER_CREATED_EVENT
          - CONTAINER_STARTED_EVENT
          - CONTAINER_STOPPED_EVENT
          - CONTAINER_DELETED_EVENT
        createdAt:
          description: A 64-bit number, in quotes (protobuf's JSON mapping).
          type: string
          pattern: ^-?[0-9]+$
        podSandboxStatus:
          $ref: '#/components/schemas/PodStatus'
        containersStatuses:
          type: array
          items:
            $ref: '#/components/schemas/ContainerStatus'
      required:
      - containerId
      - containerEventType
      - createdAt
      - containersStatuses
      additionalProperties: false
    ExecRequest:
      type: object
      description: '`ExecSyncRequest`.'
      properties:
        cmd:
          type: array
          minItems: 1
          prefixItems:
          - type: string
            minLength: 1
            pattern: ^[^\x00]*$
          items:
            type: string
            pattern: ^[^\x00]*$
          description: The program and its arguments; no shell.
        timeout:
          anyOf:
          - type: integer
            minimum: 0
          - type: string
            pattern: ^-?[0-9]{1,18}$
          - type: 'null'
          description: Seconds; 0 or nothing for none. Past it the whole process tree is dead.
        containerId:
          type:
          - string
          - 'null'
          pattern: ^[0-9a-f]{64}$
          description: If given, the same as in the path.
      required:
      - cmd
      additionalProperties: false
    StopRequest:
      type: object
      description: '`StopContainerRequest`.'
      properties:
        timeout:
          anyOf:
          - type: integer
            minimum: 0
          - type: string
            pattern: ^-?[0-9]{1,18}$
          - type: 'null'
          description: Seconds of grace, then SIGKILL; 10 when nothing is said.
        containerId:
          type:
          - string
          - 'null'
          pattern: ^[0-9a-f]{64}$
          description: If given, the same as in the path.
      additionalProperties: false
    ImageSpecInput:
      type: object
      description: '`ImageSpec`.'
      properties:
        image:
          type: string
          minLength: 1
          maxLength: 4096
          pattern: ^[!-~]+$
          description: A reference or an id.
        annotations:
          type:
          - object
          - 'null'
          additionalProperties:
            type: string
        userSpecifiedImage:
          type:
          - string
          - 'null'
        runtimeHandler:
          type:
          - string
          - 'null'
        imageRef:
          type:
          - string
          - 'null'
      required:
      - image
      additionalProperties: false
    PullRequest:
      type: object
      description: '`PullImageRequest`.'
      properties:
        image:
          $ref: '#/components/schemas/ImageSpecInput'
        auth:
          type:
          - object
          - 'null'
          description: '`AuthConfig`.'
          properties:
            username:
              type:
              - string
              - 'null'
              writeOnly: true
            password:
              type:
              - string
              - 'null'
              writeOnly: true
            auth:
              type:
              - string
              - 'null'
              writeOnly: true
            serverAddress:
              type:
              - string
              - 'null'
              writeOnly: true
            identityToken:
              type:
              - string
              - 'null'
              writeOnly: true
            registryToken:
              type:
              - string
              - 'null'
              writeOnly: true
          additionalProperties: false
        sandboxConfig:
          type:
          - object
          - 'null'
          description: Not needed; accepted as the CRI has it.
      required:
      - image
      additionalProperties: false
    IDMappingInput:
      type: object
      description: '`IDMapping`.'
      properties:
        hostId:
          anyOf:
          - type: integer
            minimum: 0
          - type: string
            pattern: ^-?[0-9]{1,18}$
          - type: 'null'
        containerId:
          anyOf:
          - type: integer
            minimum: 0
          - type: string
            pattern: ^-?[0-9]{1,18}$
          - type: 'null'
        length:
          anyOf:
          - type: integer
            minimum: 0
          - type: string
            pattern: ^-?[0-9]{1,18}$
          - type: 'null'
      additionalProperties: false
    NamespacesInput:
      type: object
      description: '`NamespaceOption`. Enums may also be given by their number.'
      properties:
        network:
          type:
          - string
          - 'null'
          enum:
          - POD
          - CONTAINER
          - NODE
          - TARGET
          - null
          description: POD or NODE.
        pid:
          type:
          - string
          - 'null'
          enum:
          - POD
          - CONTAINER
          - NODE
          - TARGET
          - null
        ipc:
          type:
          - string
          - 'null'
          enum:
          - POD
          - CONTAINER
          - NODE
          - TARGET
          - null
          description: POD or NODE.
        targetId:
          type:
          - string
          - 'null'
        usernsOptions:
          type:
          - object
          - 'null'
          properties:
            mode:
              type:
              - string
              - 'null'
              enum:
              - POD
              - CONTAINER
              - NODE
              - TARGET
              - null
            uids:
              type:
              - array
              - 'null'
              items:
                $ref: '#/components/schemas/IDMappingInput'
            gids:
              type:
              - array
              - 'null'
              items:
                $ref: '#/components/schemas/IDMappingInput'
          additionalProperties: false
      additionalProperties: false
    SELinux:
      type: object
      description: '`SELinuxOption`.'
      properties:
        user:
          type:
          - string
          - 'null'
        role:
          type:
          - string
          - 'null'
        type:
          type:
          - string
          - 'null'
        level:
          type:
          - string
          - 'null'
      additionalProperties: false
    SecurityProfile:
      type: object
      description: '`SecurityProfile`.'
      properties:
        profileType:
          type:
          - string
          - 'null'
          enum:
          - RuntimeDefault
          - Unconfined
          - Localhost
          - null
        localhostRef:
          type:
          - string
          - 'null'
      additionalProperties: false
    Int64Value:
      type: object
      description: '`Int64Value`.'
      properties:
        value:
          anyOf:
          - type: integer
          - type: string
            pattern: ^-?[0-9]{1,18}$
          - type: 'null'
      additionalProperties: false
    ResourcesInput:
      type: object
      description: '`LinuxContainerResources`.'
      properties:
        cpuPeriod:
          anyOf:
          - type: integer
          - type: string
            pattern: ^-?[0-9]{1,18}$
          - type: 'null'
          description: Microseconds, 1000 to 1000000.
        cpuQuota:
          anyOf:
          - type: integer
          - type: string
            pattern: ^-?[0-9]{1,18}$
          - type: 'null'
          description: Microseconds per period; -1 for none.
        cpuShares:
          anyOf:
          - type: integer
          - type: string
            pattern: ^-?[0-9]{1,18}$
          - type: 'null'
        memoryLimitInBytes:
          anyOf:
          - type: integer
          - type: string
            pattern: ^-?[0-9]{1,18}$
          - type: 'null'
        oomScoreAdj:
          anyOf:
          - type: integer
          - type: string
            pattern: ^-?[0-9]{1,18}$
          - type: 'null'
          description: -1000 to 1000.
        cpusetCpus:
          type:
          - string
          - 'null'
        cpusetMems:
          type:
          - string
          - 'null'
        hugepageLimits:
          type:
          - array
          - 'null'
          items:
            type: object
            properties:
              pageSize:
                type:
                - string
                - 'null'
                description: '`2MB`.'
              limit:
                anyOf:
                - type: integer
                  minimum: 0
                - type: string
                  pattern: ^-?[0-9]{1,18}$
                - type: 'null'
            additionalProperties: false
        unified:
          type:
          - object
          - 'null'
          additionalProperties:
            type: string
        memorySwapLimitInBytes:
          anyOf:
          - type: integer
          - type: string
            pattern: ^-?[0-9]{1,18}$
          - type: 'null'
      additionalProperties: false
    PodConfig:
      type: object
      description: '`PodSandboxConfig`, as in crictl''s pod-config.json.'
      properties:
        metadata:
          type: object
          description: '`PodSandboxMetadata`: two live pods never share it.'
          properties:
            name:
              type: string
              pattern: ^[!-.0-~]{1,253}$
            uid:
              type: string
              pattern: ^[!-.0-~]{1,253}$
            namespace:
              type: string
              pattern: ^[!-.0-~]{1,253}$
            attempt:
              anyOf:
              - type: integer
                minimum: 0
                maximum: 4294967295
              - type: string
                pattern: ^-?[0-9]{1,18}$
              - type: 'null'
          required:
          - name
          - uid
          - namespace
          additionalProperties: false
        hostname:
          type:
          - string
          - 'null'
          maxLength: 63
        logDirectory:
          type:
          - string
          - 'null'
          description: Absolute.
        dnsConfig:
          type:
          - object
          - 'null'
          description: '`DNSConfig`.'
          properties:
            servers:
              type:
              - array
              - 'null'
              items:
                type: string
            searches:
              type:
              - array
              - 'null'
              items:
                type: string
            options:
              type:
              - array
              - 'null'
              items:
                type: string
          additionalProperties: false
        portMappings:
          type:
          - array
          - 'null'
          items:
            type: object
            properties:
              protocol:
                type:
                - string
                - 'null'
                enum:
                - TCP
                - UDP
                - SCTP
                - null
              containerPort:
                anyOf:
                - type: integer
                  minimum: 1
                  maximum: 65535
                - type: string
                  pattern: ^-?[0-9]{1,18}$
              hostPort:
                anyOf:
                - type: integer
                  minimum: 0
                  maximum: 65535
                - type: string
                  pattern: ^-?[0-9]{1,18}$
                - type: 'null'
              hostIp:
                type:
                - string
                - 'null'
            required:
            - containerPort
            additionalProperties: false
        labels:
          type:
          - object
          - 'null'
          additionalProperties:
            type: string
        annotations:
          type:
          - object
          - 'null'
          additionalProperties:
            type: string
        linux:
          type:
          - object
          - 'null'
          description: '`LinuxPodSandboxConfig`.'
          properties:
            cgroupParent:
              type:
              - string
              - 'null'
              description: A systemd slice.
            securityContext:
              type:
              - object
              - 'null'
              description: '`LinuxSandboxSecurityContext`.'
              properties:
                namespaceOptions:
                  anyOf:
                  - $ref: '#/components/schemas/NamespacesInput'
                  - type: 'null'
                selinuxOptions:
                  anyOf:
                  - $ref: '#/components/schemas/SELinux'
                  - type: 'null'
                runAsUser:
                  anyOf:
                  - $ref: '#/components/schemas/Int64Value'
                  - type: 'null'
                runAsGroup:
                  anyOf:
                  - $ref: '#/components/schemas/Int64Value'
                  - type: 'null'
                readonlyRootfs:
                  type:
                  - boolean
                  - 'null'
                supplementalGroups:
                  type:
                  - array
                  - 'null'
                  items:
                    anyOf:
                    - type: integer
                    - type: string
                      pattern: ^-?[0-9]{1,18}$
                supplementalGroupsPolicy:
                  type:
                  - string
                  - 'null'
                  enum:
                  - Merge
                  - Strict
                  - null
                privileged:
                  type:
                  - boolean
                  - 'null'
                seccomp:
                  anyOf:
                  - $ref: '#/components/schemas/SecurityProfile'
                  - type: 'null'
                apparmor:
                  anyOf:
                  - $ref: '#/components/schemas/SecurityProfile'
                  - type: 'null'
                seccompProfilePath:
                  type:
                  - string
                  - 'null'
              additionalProperties: false
            sysctls:
              type:
              - object
              - 'null'
              additionalProperties:
                type: string
            overhead:
              anyOf:
              - $ref: '#/components/schemas/ResourcesInput'
              - type: 'null'
            resources:
              anyOf:
              - $ref: '#/components/schemas/ResourcesInput'
              - type: 'null'
          additionalProperties: false
      required:
      - metadata
      additionalProperties: false
    RunPodRequest:
      type: object
      description: '`RunPodSandboxRequest`.'
      properties:
        config:
          $ref: '#/components/schemas/PodConfig'
        runtimeHandler:
          type:
          - string
          - 'null'
      required:
      - config
      additionalProperties: false
    ContainerConfig:
      type: object
      description: '`ContainerConfig`, as in crictl''s container-config.json.'
      properties:
        metadata:
          type: object
          description: '`ContainerMetadata`.'
          properties:
            name:
              type: string
              pattern: ^[!-.0-~]{1,253}$
            attempt:
              anyOf:
              - type: integer
                minimum: 0
                maximum: 4294967295
              - type: string
                pattern: ^-?[0-9]{1,18}$
              - type: 'null'
          required:
          - name
          additionalProperties: false
        image:
          $ref: '#/components/schemas/ImageSpecInput'
        command:
          type:
          - array
          - 'null'
          items:
            type: string
        args:
          type:
          - array
          - 'null'
          items:
            type: string
        workingDir:
          type:
          - string
          - 'null'
        envs:
          type:
          - array
          - 'null'
          items:
            type: object
            properties:
              key:
                type: string
                minLength: 1
                pattern: ^[^=\x00]+$
              value:
                type:
                - string
                - 'null'
                format: byte
                description: 'Base64: the CRI has bytes here.'
            required:
            - key
            additionalProperties: false
        mounts:
          type:
          - array
          - 'null'
          items:
            type: object
            properties:
              containerPath:
                type: string
                pattern: ^/
                maxLength: 4095
              hostPath:
                type:
                - string
                - 'null'
              readonly:
                type:
                - boolean
                - 'null'
              selinuxRelabel:
                type:
                - boolean
                - 'null'
              propagation:
                type:
                - string
                - 'null'
                enum:
                - PROPAGATION_PRIVATE
                - PROPAGATION_HOST_TO_CONTAINER
                - PROPAGATION_BIDIRECTIONAL
                - null
              uidMappings:
                type:
                - array
                - 'null'
                items:
                  $ref: '#/components/schemas/IDMappingInput'
              gidMappings:
                type:
                - array
                - 'null'
                items:
                  $ref: '#/components/schemas/IDMappingInput'
              recursiveReadOnly:
                type:
                - boolean
                - 'null'
              image:
                type:
                - object
                - 'null'
                properties:
                  image:
                    type:
                    - string
                    - 'null'
                  annotations:
                    type:
                    - object
                    - 'null'
                    additionalProperties:
                      type: string
                  userSpecifiedImage:
                    type:
                    - string
                    - 'null'
                  runtimeHandler:
                    type:
                    - string
                    - 'null'
                  imageRef:
                    type:
                    - string
                    - 'null'
                additionalProperties: false
              imageSubPath:
                type:
                - string
                - 'null'
              mountOptions:
                type:
                - array
                - 'null'
                maxItems: 0
                items:
                  type: string
            required:
            - containerPath
            additionalProperties: false
        devices:
          type:
          - array
          - 'null'
          items:
            type: object
            properties:
              containerPath:
                type: string
                pattern: ^/
                maxLength: 4095
              hostPath:
                type: string
                pattern: ^/
                maxLength: 4095
              permissions:
                type: string
                pattern: ^[rwm]+$
            required:
            - containerPath
            - hostPath
            - permissions
            additionalProperties: false
        CDIDevices:
          type:
          - array
          - 'null'
          items:
            type: object
            properties:
              name:
                type: string
                pattern: ^[^=/ ]+/[^=/ ]+=[^= ]+$
            required:
            - name
            additionalProperties: false
        labels:
          type:
          - object
          - 'null'
          additionalProperties:
            type: string
        annotations:
          type:
          - object
          - 'null'
          additionalProperties:
            type: string
        logPath:
          type:
          - string
          - 'null'
          description: Relative to the pod's log directory.
        stdin:
          type:
          - boolean
          - 'null'
        stdinOnce:
          type:
          - boolean
          - 'null'
        tty:
          type:
          - boolean
          - 'null'
        stopSignal:
          type:
          - string
          - 'null'
          pattern: ^SIGNAL_(RUNTIME_DEFAULT|SIG[A-Z0-9]+)$
          description: '`SIGNAL_SIGTERM`.'
        linux:
          type:
          - object
          - 'null'
          description: '`LinuxContainerConfig`.'
          properties:
            resources:
              anyOf:
              - $ref: '#/components/schemas/ResourcesInput'
              - type: 'null'
            securityContext:
              type:
              - object
              - 'null'
              description: '`LinuxContainerSecurityContext`.'
              properties:
                capabilities:
                  type:
                  - object
                  - 'null'
                  properties:
                    addCapabilities:
                      type:
                      - array
                      - 'null'
                      items:
                        type: string
                    dropCapabilities:
                      type:
                      - array
                      - 'null'
                      items:
                        type: string
                    addAmbientCapabilities:
                      type:
                      - array
                      - 'null'
                      items:
                        type: string
                  additionalProperties: false
                privileged:
                  type:
                  - boolean
                  - 'null'
                namespaceOptions:
                  anyOf:
                  - $ref: '#/components/schemas/NamespacesInput'
                  - type: 'null'
                selinuxOptions:
                  anyOf:
                  - $ref: '#/components/schemas/SELinux'
                  - type: 'null'
                runAsUser:
                  anyOf:
                  - $ref: '#/components/schemas/Int64Value'
                  - type: 'null'
                runAsGroup:
                  anyOf:
                  - $ref: '#/components/schemas/Int64Value'
                  - type: 'null'
                runAsUsername:
                  type:
                  - string
                  - 'null'
                readonlyRootfs:
                  type:
                  - boolean
                  - 'null'
                supplementalGroups:
                  type:
                  - array
                  - 'null'
                  items:
                    anyOf:
                    - type: integer
                    - type: string
                      pattern: ^-?[0-9]{1,18}$
                supplementalGroupsPolicy:
                  type:
                  - string
                  - 'null'
                  enum:
                  - Merge
                  - Strict
                  - null
                noNewPrivs:
                  type:
                  - boolean
                  - 'null'
                maskedPaths:
                  type:
                  - array
                  - 'null'
                  items:
                    type: string
                readonlyPaths:
                  type:
                  - array
                  - 'null'
                  items:
                    type: string
                seccomp:
                  anyOf:
                  - $ref: '#/components/schemas/SecurityProfile'
                  - type: 'null'
                apparmor:
                  anyOf:
                  - $ref: '#/components/schemas/SecurityProfile'
                  - type: 'null'
                apparmorProfile:
                  type:
                  - string
                  - 'null'
                seccompProfilePath:
                  type:
                  - string
                  - 'null'
              additionalProperties: false
          additionalProperties: false
      required:
      - metadata
      - image
      additionalProperties: false
    CreateContainerRequest:
      type: object
      description: '`CreateContainerRequest`.'
      properties:
        config:
          $ref: '#/components/schemas/ContainerConfig'
        podSandboxId:
          type:
          - string
          - 'null'
          pattern: ^[0-9a-f]{64}$
          description: If given, the same as in the path.
        sandboxConfig:
          type:
          - object
          - 'null'
          description: 'Not needed: the pod''s own is known.'
      required:
      - config
      additionalProperties: false

"""###

}
