using System.Runtime.CompilerServices;
using MicroSpark.Closures;
using MicroSpark.Code;
using MicroSpark.Model;
using MicroSpark.Tests.Closures;
using static MicroSpark.Tests.Closures.Capturing;

namespace MicroSpark.Tests.Closures;

/// <summary>What is written of a captured function, and what is known of it: identity, assemblies, names, warnings.</summary>
public class ClosureEncodingTests
{
    private static int Twice(int x) => x * 2;

    [Fact]
    public void Closures_of_lambdas_the_compiler_caches_are_the_same_before_and_after_a_call()
    {
        var k = 3;
        Func<int, int> function = x => Enumerable.Range(0, x).Count(i => i < k);
        var before = Capture(function).Encoded;
        Assert.Equal(3, function(10));

        Assert.True(before.Span.SequenceEqual(Capture(function).Encoded.Span));
    }

    [Fact]
    public void Equal_lambdas_have_equal_encodings_and_others_do_not()
    {
        Closure<Func<int, int>> first = Make(1), same = Make(1), other = Make(2);

        Assert.True(first.Encoded.Span.SequenceEqual(same.Encoded.Span));
        Assert.False(first.Encoded.Span.SequenceEqual(other.Encoded.Span));
        Assert.False(first.Encoded.Span.SequenceEqual(Capture((int x) => x + 1).Encoded.Span));
        Assert.True(first.HasStableIdentity);

        static Closure<Func<int, int>> Make(int k) => Capture((int x) => x + k);
    }

    [Fact]
    public void It_names_the_assemblies_it_needs()
    {
        var own = CodeSpace.Process.IdOf(typeof(ClosureEncodingTests).Assembly)!.Value;
        Assert.Equal([own], Capture((int x) => x).Assemblies);
        Assert.Empty(Closure<Func<string, int>>.Capture(int.Parse, "Map", "f").Assemblies);
        var size = new CsCheck.Size(1, null!);
        Assert.Equal(
            [own, CodeSpace.Process.IdOf(typeof(CsCheck.Size).Assembly)!.Value],
            Closure<Func<int, bool>>.Capture(x => size == null, "Filter", "f").Assemblies.Order(Comparer<AssemblyId>.Create((a, b) => a == own ? -1 : 1)));
    }

    [Fact]
    public void It_has_a_readable_name()
    {
        var line = Line() + 1;
        Assert.Equal($"ClosureEncodingTests.It_has_a_readable_name lambda (ClosureEncodingTests.cs:{line})", Capture((int x) => x).DisplayName);
        Assert.StartsWith("ClosureEncodingTests.Twice (ClosureEncodingTests.cs:", Capture<Func<int, int>>(Twice).DisplayName, StringComparison.Ordinal);
        Assert.StartsWith("ClosureEncodingTests.It_has_a_readable_name local function Local (", Capture<Func<int, int>>(Local).DisplayName, StringComparison.Ordinal);
        Assert.Equal("int.Parse", Capture<Func<string, int>>(int.Parse).DisplayName);

        using var space = TestSpace.Isolated();
        Assert.Equal($"ClosureEncodingTests.It_has_a_readable_name lambda (ClosureEncodingTests.cs:{Line() + 0})", TestSpace.In(space, Capture((int x) => x)).DisplayName);

        static int Local(int x) => x;

        static int Line([CallerLineNumber] int number = 0) => number;
    }

    [Fact]
    public void Large_captures_are_warned_about_once()
    {
        var warnings = new List<ClosureWarning>();
        ClosureWarnings.Raised += OnRaised;
        try
        {
            foreach (var size in new[] { 10, 2_000_000, 2_000_000 })
            {
                var data = new byte[size];
                _ = Closure<Func<int, int>>.Capture(x => data.Length + x, "MapThatIsLarge", "f");
            }
        }
        finally
        {
            ClosureWarnings.Raised -= OnRaised;
        }

        var warning = Assert.Single(warnings);
        Assert.Contains("Broadcast", warning.Message, StringComparison.Ordinal);

        void OnRaised(ClosureWarning raised)
        {
            if (raised.OperatorName == "MapThatIsLarge")
            {
                warnings.Add(raised);
            }
        }
    }

    [Fact]
    public void Values_that_want_to_know_are_asked()
    {
        var direct = new Asking();
        var nested = new List<object> { new Asking() };
        Capture((int x) => direct.Value + nested.Count);

        Assert.Equal(("Map", "f"), direct.Asked);
        Assert.Equal(("Map", "f"), ((Asking)nested[0]).Asked);
    }

    [Fact]
    public void Damaged_encodings_are_refused()
    {
        var k = 1;
        var list = new List<string> { "a" };
        var good = Capture((int x) => x + k + list.Count).Encoded.ToArray();
        for (var i = 0; i < good.Length; i++)
        {
            byte[] bad = [.. good];
            bad[i] ^= 0x55;
            TryRead(bad);
            TryRead(good[..i]);
        }

        static void TryRead(byte[] bytes)
        {
            try
            {
                _ = Closure<Func<int, int>>.FromEncoded(bytes, CodeSpace.Process).CreateInstance();
            }
            catch (Exception error)
            {
                // A changed assembly id is an unknown assembly.
                Assert.True(error is InvalidDataException or InvalidOperationException or IndexOutOfRangeException, error.ToString());
            }
        }
    }
}
