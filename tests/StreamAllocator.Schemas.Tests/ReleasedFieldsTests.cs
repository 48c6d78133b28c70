using Google.Protobuf.Reflection;
using StreamAllocator.Testing;

namespace StreamAllocator.Schemas.Tests;

/// <summary>
/// <c>schemas/released.txt</c> lists every field and enum value that was ever released, one a line. What stands there may never be
/// renumbered, retyped, renamed or reused; what is new must be added there in the same change.
/// </summary>
public sealed class ReleasedFieldsTests
{
    private static readonly FileDescriptor[] Files =
    [
        TelemetryReflection.Descriptor,
        InventoryReflection.Descriptor,
        InputsReflection.Descriptor,
        ForecastsReflection.Descriptor,
        ModelsReflection.Descriptor,
        RequestsReflection.Descriptor,
        AllocationsReflection.Descriptor,
        DecisionsReflection.Descriptor,
        DeadLettersReflection.Descriptor,
        LineageReflection.Descriptor,
    ];

    private static string ReleasedPath => Path.Combine(SharedFolder.RepositoryRoot(), "schemas", "released.txt");

    [Fact]
    public void No_released_field_is_renumbered_retyped_renamed_or_removed()
    {
        var broken = File.ReadAllLines(ReleasedPath).Except(Lines(Files)).ToList();
        Assert.True(broken.Count == 0, "released, and no longer so:\n" + string.Join('\n', broken));
    }

    [Fact]
    public void Every_field_of_the_schemas_is_listed_as_released()
    {
        var unlisted = Lines(Files).Except(File.ReadAllLines(ReleasedPath)).ToList();
        Assert.True(unlisted.Count == 0, "add to schemas/released.txt:\n" + string.Join('\n', unlisted));
    }

    [Fact]
    public void No_number_is_used_twice_in_the_history_of_a_message()
    {
        var reused = File.ReadAllLines(ReleasedPath)
            .Select(line => line.Split(' '))
            .GroupBy(parts => (parts[0], parts[1]))
            .Where(group => group.Count() > 1)
            .Select(group => group.Key)
            .ToList();
        Assert.Empty(reused);
    }

    [Fact]
    public void No_schema_has_a_map_since_its_order_is_not_fixed() =>
        Assert.DoesNotContain(Files.SelectMany(file => file.MessageTypes).SelectMany(type => type.Fields.InDeclarationOrder()), field => field.IsMap);

    private static IEnumerable<string> Lines(IEnumerable<FileDescriptor> files)
    {
        foreach (var file in files)
        {
            foreach (var message in file.MessageTypes)
            {
                foreach (var field in message.Fields.InFieldNumberOrder())
                    yield return $"{message.FullName} {field.FieldNumber} {field.Name} {TypeOf(field)}";
            }

            foreach (var type in file.EnumTypes)
            {
                foreach (var value in type.Values)
                    yield return $"{type.FullName} {value.Number} {value.Name} value";
            }
        }
    }

    private static string TypeOf(FieldDescriptor field)
    {
        var type = field.FieldType switch
        {
            FieldType.Message => field.MessageType.FullName,
            FieldType.Enum => field.EnumType.FullName,
            _ => field.FieldType.ToString(),
        };
        return (field.IsRepeated ? "repeated " : field.HasPresence && field.FieldType != FieldType.Message ? "optional " : "") + type;
    }
}
