using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.Loader;
using MicroSpark.Code;
using MicroSpark.Codecs;
using MicroSpark.Model;
using MicroSpark.Tests.Closures;

namespace MicroSpark.Tests.Codecs;

/// <summary>Values of shipped types: read by another load context's type of the same assembly, and gone with it.</summary>
public class LoadContextTests
{
    private const string Source = """
        using System;
        using System.Collections.Generic;
        public abstract record Animal(string Name);
        internal sealed record Cat(string Name, int Lives) : Animal(Name) { private readonly Dictionary<string, Cat> _kittens = new(StringComparer.OrdinalIgnoreCase); public void Add(Cat c) => _kittens[c.Name] = c; public int Find(string n) => _kittens[n].Lives; }
        public struct Tag { public string Text; public Mood Mood; }
        public enum Mood { Calm, Wild }
        public static class Zoo
        {
            public static object Make() { var c = new Cat("Tom", 9); c.Add(new Cat("Kit", 7)); return new object[] { new List<Animal> { c, null }, (c, new Tag { Text = "t", Mood = Mood.Wild }), new Dictionary<Mood, Cat> { [Mood.Wild] = c } }; }
            public static string Show(object o) { var a = (object[])o; var c = (Cat)((List<Animal>)a[0])[0]; var p = ((Cat, Tag))a[1]; var d = (Dictionary<Mood, Cat>)a[2]; return c.Name + c.Find("KIT") + ReferenceEquals(p.Item1, c) + p.Item2.Mood + ReferenceEquals(d[Mood.Wild], c); }
        }
        """;

    [Fact]
    public void A_value_is_read_as_the_other_contexts_types_and_unloads_with_them()
    {
        (var here, var there) = ShipAndForget();

        for (var i = 0; (here.IsAlive || there.IsAlive) && i < 30; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.False(there.IsAlive, "the codecs keep the shipped types alive");
        Assert.False(here.IsAlive, "the codecs keep the emitted types alive");
    }

    /// <summary>A worker has other programs' assemblies loaded too: a file may not choose among them.</summary>
    [Fact]
    public void Data_names_types_of_its_plans_own_assemblies_only()
    {
        Workshop shop = new();
        var here = shop.Add("Zoo", Source);
        var made = here.GetType("Zoo")!.GetMethod("Make")!.Invoke(null, null)!;
        var bytes = ValueCodec.Encode(made, CodeSpace.Process, out var needed);
        using var space = CodeSpace.Create(useProcess: false);
        _ = space.Load(AssemblyShipping.Of(here));

        _ = ValueCodec.Decode<object>(bytes, space.Of(needed));
        var error = Assert.Throws<InvalidDataException>(() => ValueCodec.Decode<object>(bytes, space.Of([])));

        Assert.Contains("none of its reader's", error.Message, StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => space.Of(needed).Load(AssemblyShipping.Of(here)));
        shop.Unload();
    }

    /// <summary>The bytes choose the type, so what it lacks is their fault too: a file's reader says of which file.</summary>
    [Fact]
    public void A_type_whose_base_is_not_there_is_damage()
    {
        Workshop shop = new();
        _ = shop.Add("Ground", "public class Ground { public int Depth; }");
        var here = shop.Add("House", "public class House : Ground { public static object Make() => new House(); }");
        var bytes = ValueCodec.Encode(here.GetType("House")!.GetMethod("Make")!.Invoke(null, null)!, CodeSpace.Process, out var needed);
        using var space = CodeSpace.Create(useProcess: false);
        _ = space.Load(AssemblyShipping.Of(here));

        var error = Assert.Throws<InvalidDataException>(() => ValueCodec.Decode<object>(bytes, space.Of(needed)));

        Assert.Contains("cannot be loaded", error.Message, StringComparison.Ordinal);
        shop.Unload();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static (WeakReference Here, WeakReference There) ShipAndForget()
    {
        Workshop shop = new();
        var here = shop.Add("Zoo", Source);
        var made = here.GetType("Zoo")!.GetMethod("Make")!.Invoke(null, null)!;
        var bytes = ValueCodec.Encode(made, CodeSpace.Process, out var needed);
        Assert.Equal([CodeSpace.Process.IdOf(here)!.Value], needed);

        using var space = CodeSpace.Create(useProcess: false);
        var there = space.Load(AssemblyShipping.Of(here));
        var copy = ValueCodec.Decode<object>(bytes, space);
        Assert.NotSame(here, there);
        Assert.Equal("Tom7TrueWildTrue", there.GetType("Zoo")!.GetMethod("Show")!.Invoke(null, [copy]));
        Assert.Equal(bytes, ValueCodec.Encode(copy, space));
        ValueCodec.EnsureEncodable(there.GetType("Animal")!.MakeArrayType());
        Assert.False(ValueCodec.IsShareable(there.GetType("Cat")!));
        shop.Unload();
        return (new WeakReference(here), new WeakReference(AssemblyLoadContext.GetLoadContext(there)));
    }
}
