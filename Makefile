# make run and make test do everything on a fresh Debian 12 with the .NET 10 SDK.
CONFIGURATION := Release
export DOTNET_CLI_TELEMETRY_OPTOUT := 1
export DOTNET_NOLOGO := 1

.PHONY: setup build run test test-long bench format clean

setup:
	dotnet restore StreamAllocator.sln

build: setup
	dotnet build StreamAllocator.sln --no-restore -c $(CONFIGURATION)
	dotnet publish src/StreamAllocator.Cli --no-restore --no-build -c $(CONFIGURATION) -o artifacts/app
	ln -sf app/streamallocator artifacts/streamallocator

run: build
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
