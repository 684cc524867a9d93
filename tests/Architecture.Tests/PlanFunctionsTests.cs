using System.Text.RegularExpressions;

namespace MicroSpark.Tests;

/// <summary>
/// Who makes functions out of bytes. The key to it is one object, and whoever names it reads or writes a plan. A reader of values, files,
/// blocks, results, updates or errors that named it would let strangers run code.
/// </summary>
public sealed partial class PlanFunctionsTests
{
    [Fact]
    public void Only_plans_are_read_with_functions() => Assert.Equal(
        [
            "src/Core/Closures/Closure.cs", "src/Core/Closures/ClosureFunctions.cs", "src/Core/Plans/PlanReader.cs", "src/Core/Plans/PlanTypes.cs",
            "src/Core/Plans/PlanWriter.cs",
        ],
        Naming(Key()));

    [Fact]
    public void The_room_of_codecs_makes_delegates_of_its_own_emitted_code_only() => Assert.Equal(
        ["src/Core/Codecs/FieldsEmitter.cs", "src/Core/Codecs/RawLayout.cs"],
        Naming(Making()).Where(static file => file.StartsWith("src/Core/Codecs/", StringComparison.Ordinal)));

    [Fact]
    public void Methods_are_found_by_name_or_row_only_for_plans() =>
        Assert.Equal(["src/Core/Closures/Closure.cs", "src/Core/Closures/DelegateReader.cs"], Naming(Finding()));

    private static IEnumerable<string> Naming(Regex text) =>
        SourceTree.Files(".cs", "src").Where(file => text.IsMatch(SourceTree.Read(file))).Order(StringComparer.Ordinal);

    [GeneratedRegex(@"\bClosureFunctions\b")]
    private static partial Regex Key();

    [GeneratedRegex(@"\bCreateDelegate\b|\bMethodReference\b|\bResolveMethod\b|\bDynamicInvoke\b")]
    private static partial Regex Making();

    [GeneratedRegex(@"\bMethodReference\.Read\(")]
    private static partial Regex Finding();
}
