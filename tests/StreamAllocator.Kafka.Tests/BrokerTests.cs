using System.Reflection;
using Xunit.Abstractions;
using Xunit.Sdk;

[assembly: TestFramework("StreamAllocator.Kafka.Tests.BrokerTests", "StreamAllocator.Kafka.Tests")]

namespace StreamAllocator.Kafka.Tests;

/// <summary>Marks a class whose tests, inherited ones included, are skipped where there is no broker.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class NeedsBrokerAttribute : Attribute;

/// <summary>xUnit as it is, but for the tests that need a broker where there is none.</summary>
public sealed class BrokerTests(IMessageSink messages) : XunitTestFramework(messages)
{
    protected override ITestFrameworkExecutor CreateExecutor(AssemblyName assemblyName) =>
        new Executor(assemblyName, SourceInformationProvider, DiagnosticMessageSink);

    private sealed class Executor(AssemblyName assemblyName, ISourceInformationProvider sources, IMessageSink messages)
        : XunitTestFrameworkExecutor(assemblyName, sources, messages)
    {
        protected override void RunTestCases(
            IEnumerable<IXunitTestCase> testCases, IMessageSink executionMessageSink, ITestFrameworkExecutionOptions executionOptions) =>
            base.RunTestCases(testCases.Select(Skipped), executionMessageSink, executionOptions);

        private IXunitTestCase Skipped(IXunitTestCase test) =>
            Broker.Missing is not null && test.TestMethod.TestClass.Class.GetCustomAttributes(typeof(NeedsBrokerAttribute)).Any()
                ? new XunitSkippedDataRowTestCase(
                    DiagnosticMessageSink, TestMethodDisplay.ClassAndMethod, TestMethodDisplayOptions.None, test.TestMethod, Broker.Missing, test.TestMethodArguments)
                : test;
    }
}
