# make run and make test do everything on a fresh Debian 12 with the .NET 10 SDK.
CONFIGURATION := Release
export DOTNET_CLI_TELEMETRY_OPTOUT := 1
export DOTNET_NOLOGO := 1

.PHONY: tools setup build app run test test-long bench format clean

# dotnet does not start without ICU, which a minimal Debian lacks.
tools:
	@command -v dotnet > /dev/null || { echo "dotnet is missing: install the .NET 10 SDK" >&2; exit 1; }
	@dotnet --version > /dev/null 2>&1 || [ "$$(id -u)" != 0 ] || { apt-get update && apt-get install -y --no-install-recommends libicu72; }
	@dotnet --version > /dev/null

setup: tools
	dotnet restore StreamAllocator.sln

build: setup
	dotnet build StreamAllocator.sln --no-restore -c $(CONFIGURATION)
	dotnet publish src/StreamAllocator.Cli --no-restore --no-build -c $(CONFIGURATION) -o artifacts/app
	ln -sf app/streamallocator artifacts/streamallocator

# The command alone, without the tests: what a first look needs.
app: tools
	dotnet publish src/StreamAllocator.Cli -c $(CONFIGURATION) -o artifacts/app
	ln -sf app/streamallocator artifacts/streamallocator

run: app
	artifacts/streamallocator demo

test: build
	tests/run.sh

test-long: build
	STREAMALLOCATOR_TEST_LONG=1 tests/run.sh

bench: build
	dotnet run --project tests/Benchmarks --no-build -c $(CONFIGURATION)

format:
	dotnet format StreamAllocator.sln

clean:
	rm -rf artifacts
